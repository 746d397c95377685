import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
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
  if (dot < 1) throw runtimeError('Runtime.MalformedHandlerName', 'Bad handler')
  const loaded = await loadModule(join(taskRoot, dirname(handlerName)), file.slice(0, dot)).catch((error) => {
    throw renamed(error)
  })
  const path = file.slice(dot + 1).split('.')
  // Exports of a CommonJS module that static analysis cannot find are on its default export.
  const handler = memberAt(loaded, path) ?? memberAt(loaded.default, path)
  if (!handler) {
    throw runtimeError('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`)
  }
  if (typeof handler !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handlerName} is not a function`)
  }
  if (handler.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      `${handlerName} takes a callback, which Node.js 24 in AWS Lambda no longer gives; let it return a promise instead`,
    )
  }
  return handler
}

/**
 * @param {string} directory
 * @param {string} name without its extension
 * @returns {Promise<any>}
 */
async function loadModule(directory, name) {
  const paths = moduleExtensions.map((extension) => join(directory, name + extension))
  const path = paths.find((each) => existsSync(each))
  if (path !== undefined) return import(pathToFileURL(path).href)
  const require = createRequire(import.meta.url)
  return require(require.resolve(name, { paths: [directory] }))
}

/**
 * @param {any} value
 * @param {string[]} path
 */
function memberAt(value, path) {
  return path.reduce((member, name) => member?.[name], value)
}

/** @param {unknown} error */
function renamed(error) {
  if (error instanceof SyntaxError) {
    return Object.assign(runtimeError('Runtime.UserCodeSyntaxError', String(error)), { stack: error.stack })
  }
  // An ES module that lacks an import has another code, and keeps its name in Lambda too.
  const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND'
  return isMissing ? runtimeError('Runtime.ImportModuleError', String(error)) : error
}
