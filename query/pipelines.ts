import { streams, tables } from '../consumers/pipelines.ts'

/** Every pipeline, of streams and of tables, by its name. */
export const pipelines = new Map(
  [...streams, ...tables].flatMap((source) => source.pipelines).map((pipeline) => [pipeline.name, pipeline]),
)
