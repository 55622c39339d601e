// What an operator reads when something fails: which thing, the likely cause, what to do. An error that is none of the
// known ones is a bug and says so.

import { relative } from 'node:path'
import { NoGateway } from '../admin/client.ts'
import { OperationError } from '../admin/operation.ts'
import { EXIT } from './command.ts'

export interface Described {
  readonly code: string
  readonly message: string
  readonly act: string | undefined
  readonly exit: number
}

/** A failure that a command foresees, with the exit code it means. */
export class CommandError extends Error {
  readonly code: string
  readonly act: string | undefined
  readonly exit: number

  constructor(code: string, message: string, act?: string, exit: number = EXIT.finding) {
    super(message)
    this.name = 'CommandError'
    this.code = code
    this.act = act
    this.exit = exit
  }
}

/** An error in words. */
export function describeError(error: unknown): Described {
  if (error instanceof CommandError)
    return { code: error.code, message: error.message, act: error.act, exit: error.exit }
  if (error instanceof NoGateway) {
    return {
      code: 'no-gateway',
      message: error.message,
      act: `Start it with \`sallyport serve\` (or \`npm start\` for an evaluation), or name its directory with --directory.`,
      exit: EXIT.finding,
    }
  }
  if (error instanceof OperationError) {
    const exit =
      error.code === 'bad-input'
        ? EXIT.usage
        : error.code === 'faulty-configuration'
          ? EXIT.configuration
          : EXIT.finding
    return { code: error.code, message: error.message, act: error.act, exit }
  }
  if (error instanceof AggregateError && error.errors.length > 0 && systemError(error) === undefined)
    return describeError(error.errors[0])
  // What went wrong underneath says more than who noticed.
  const system = systemError(error) ?? (error instanceof Error ? systemError(error.cause) : undefined)
  if (system !== undefined) return { ...system, exit: EXIT.finding }
  return {
    code: 'internal',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    act: 'This is a fault of the program. Run the command again with SALLYPORT_DEBUG=1 and report what it prints.',
    exit: EXIT.finding,
  }
}

interface SystemError extends Error {
  readonly code: string
  readonly syscall: string
  readonly path?: string
  readonly address?: string
  readonly port?: number
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error
}

/** Errors of the operating system that an operator can do something about. */
function systemError(error: unknown): Omit<Described, 'exit'> | undefined {
  if (!isSystemError(error)) return undefined
  const { code, path, port, address, syscall } = error
  const file = path === undefined ? 'a file' : shorter(path)
  const place =
    port === undefined
      ? (address ?? 'the address')
      : `${address === undefined || address === '::' ? '' : `${address} `}port ${port}`
  switch (code) {
    case 'EADDRINUSE':
      return {
        code,
        message: `${place} is in use by another program`,
        act: `Find it with \`ss -ltnp${port === undefined ? '' : ` 'sport = :${port}'`}\`: another gateway, or the core itself where both share a host. Stop it, or give one of them another address under \`listen:\`.`,
      }
    case 'EADDRNOTAVAIL':
      return {
        code,
        message: `this machine has no address ${address ?? ''}`.trimEnd(),
        act: 'Compare `listen:` in federation-config/gateway.yaml with `ip address`.',
      }
    case 'EACCES':
    case 'EPERM':
      if (syscall === 'listen' || syscall === 'bind') {
        return {
          code,
          message: `not allowed to listen on ${place}`,
          act: 'Ports below 1024 need the capability CAP_NET_BIND_SERVICE; XMPP federation does not need them.',
        }
      }
      return {
        code,
        message: `not allowed to ${verb(syscall)} ${file}`,
        act: 'Check who owns it and its mode; run the command as the user the gateway runs as.',
      }
    case 'ENOENT':
      return { code, message: `there is no ${file}`, act: undefined }
    case 'ENOTDIR':
      return { code, message: `${file}: a part of the path is not a directory`, act: undefined }
    case 'EEXIST':
      return { code, message: `${file} is there already, and it stays as it is`, act: 'Move it elsewhere first.' }
    case 'EISDIR':
      return { code, message: `${file} is a directory, a file is needed`, act: undefined }
    case 'ENOSPC':
      return { code, message: `no space left to write ${file}`, act: 'Free some space on that file system.' }
    case 'EROFS':
      return { code, message: `${file} is on a read-only file system`, act: undefined }
    case 'EMFILE':
    case 'ENFILE':
      return { code, message: 'too many open files', act: 'Raise the limit (`ulimit -n`, LimitNOFILE of the service).' }
    case 'ECONNREFUSED':
      return { code, message: `nothing listens on ${place}`, act: 'Check the address and that the server there runs.' }
    default:
      return { code, message: error.message, act: undefined }
  }
}

function verb(syscall: string): string {
  if (syscall === 'open' || syscall === 'read' || syscall === 'scandir' || syscall === 'stat') return 'read'
  return 'write'
}

/** A path as one would type it here. */
export function shorter(path: string): string {
  const near = relative(process.cwd(), path)
  return near === '' || near.startsWith('..') ? path : near
}
