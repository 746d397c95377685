/** What the stories of changes have to come through besides what all stories do; each is counted where it happens. */
export const changeSituationNames = [
  'insert',
  'insert of a row that was deleted',
  'update that moves a row to other groups',
  'update within its groups',
  'update that changes nothing',
  'delete',
  'changes of one row in different panes',
  'sum beyond 2^53',
  'group gone from a cell',
  'group that panes cancel between them',
  'change delivered again after it was counted',
  'table and cells are equal',
  'table and cells are equal after a loss',
  'table and cells are equal but for what was rejected or given up',
] as const

export type ChangeSituation = (typeof changeSituationNames)[number]
export type ChangeSituations = Record<ChangeSituation, number>

export function noChangeSituations(): ChangeSituations {
  return Object.fromEntries(changeSituationNames.map((name) => [name, 0])) as ChangeSituations
}
