// What stands between generator and sink: how it is started for a way, and which ends it offers there.

import type { Cleanup, Program } from '../../test/support/program.ts'
import type { End } from '../generator/ends.ts'
import type { Setting, Way } from '../setting.ts'

export interface Ends {
  /** Where stanzas go in. */
  readonly source: readonly End[]
  /** Where they come out. */
  readonly sink: readonly End[]
  /** Where answers to what came in go, if not by the source ends. */
  readonly answers?: readonly End[]
}

export interface StartOptions {
  /** Writes a processor profile there when it ends; Node only. */
  readonly profileFolder: string | undefined
}

export interface Contestant {
  readonly name: string
  /** What it is, and in which set-up. */
  readonly about: string
  /** server: does the work of a gateway · limit: moves bytes and looks at nothing, so that nothing can be faster. */
  readonly kind: 'gateway' | 'server' | 'limit'
  /** Programs that must be installed. */
  readonly programs: readonly string[]
  version(): Promise<string>
  /** Why it cannot do this; undefined: it can. */
  refuses(way: Way): string | undefined
  ends(setting: Setting): Ends
  /** Resolves when it serves. */
  start(t: Cleanup, setting: Setting, options: StartOptions): Promise<Program>
}
