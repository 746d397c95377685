import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** @typedef {(event: unknown, context: object) => unknown} Handler */

const moduleExtensions = ['.js', '.mjs', '.cjs']

/**
 * An error under one of the names that Lambda gives to the runtime's own failures.
 * @param {string} name
 * @param {string} message
 */
export function runtimeError(name, message) {
  return Object.assign(new Error(message), { name })
}

/**
 * The handler that `handlerName` (`file.export`) names below `taskRoot`, from an ES module or CommonJS.
 * Rejects with Lambda's `Runtime.*` errors, or with what the module threw.
 * @param {string} taskRoot
 * @param {string} handlerName
 * @returns {Promise<Handler>}
 */
export async function loadHandler(taskRoot, handlerName) {
  const file = basename(handlerName)
  const dot = file.indexOf('.')
  if (dot < 1) throw runtimeError('Runtime.MalformedHandlerName', `Bad handler: ${handlerName}`)
  const path = join(taskRoot, dirname(handlerName), file.slice(0, dot))
  const extension = moduleExtensions.find((candidate) => existsSync(path + candidate))
  if (extension === undefined) {
    throw runtimeError('Runtime.ImportModuleError', `Cannot find module '${path}'`)
  }
  const loaded = await import(pathToFileURL(path + extension).href).catch((error) => {
    throw renamed(error)
  })
  const exportName = file.slice(dot + 1)
  // Exports of a CommonJS module that static analysis cannot find are on its default export.
  const handler = loaded[exportName] ?? loaded.default?.[exportName]
  if (typeof handler !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handlerName} is undefined or not a function`)
  }
  if (handler.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      `${handlerName} takes a callback; let it return a promise instead`,
    )
  }
  return handler
}

/** @param {unknown} error */
function renamed(error) {
  if (error instanceof SyntaxError) error.name = 'Runtime.UserCodeSyntaxError'
  else if (error instanceof Error && 'code' in error && String(error.code).endsWith('MODULE_NOT_FOUND')) {
    error.name = 'Runtime.ImportModuleError'
  }
  return error
}
