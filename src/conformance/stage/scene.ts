// What a performance needs of the place where it is played: an instance of the run's own (`stage.ts`), or a gateway that runs
// elsewhere and is met from outside alone (`running.ts`).

import type { Socket } from 'node:net'
import type { Change, TestCase } from '../case.ts'
import type { LogServerStep } from '../log-servers.ts'
import type { CopyOptions, Ended } from './copy.ts'
import type { Core } from './core.ts'
import type { Door } from './door.ts'
import type { Publication } from './publication.ts'
import type { Shown } from './wire.ts'

export type IpVersion = 4 | 6

/** A case over one version of IP, with the domain that its peer has for itself. */
export interface Performance {
  readonly testCase: TestCase
  readonly ip: IpVersion
  /** An A-label, lower case. */
  readonly peer: string
  /** The same as people write it. */
  readonly unicode: string
}

/** Whom the peer of a performance talks to. */
export interface Ours {
  readonly us: string
  readonly rooms: string
  /** A user, and whoever of that domain writes to the peer so that a stream is opened. */
  readonly user: string
  readonly waker: string
}

export interface HostLook {
  /** It listens where its settings say, and nowhere else. */
  listens(): Promise<string>
  /** Nobody else may read or write what is in a folder of the installation. */
  ownFiles(folder: string): Promise<string>
}

export interface Scene {
  readonly performances: readonly Performance[]
  /** How the gateway has ended by itself, in words; undefined: it has not. */
  readonly ended: string | undefined
  /** Where it is told whether certificates were revoked. */
  readonly publication: Publication
  readonly core: Pick<Core, 'listen' | 'say' | 'breaks'>
  /** Text of the settings that the gateway was run with, or is known by, by name of file. */
  readonly settings: Readonly<Record<string, string>>
  oursFor(own: Performance): Ours
  /** Another like it for a case that has a gateway of its own, with that case alone. */
  apart(own: Performance): Promise<Scene & AsyncDisposable>
  /** Gets the peer of a performance ready: its certificate and its records in DNS, until disposed of. */
  prepare(own: Performance, asked: (question: string, answer: string) => void): Promise<Disposable>
  /** A connection to where partners connect. */
  connect(own: Performance): Promise<Socket>
  /** Ends, kills or starts the gateway; only in a scene of a case of its own. */
  gateway(what: 'ends' | 'killed' | 'started'): Promise<void>
  /** Changes something in the installation of a case of its own; the gateway notices by itself. */
  change(own: Performance, what: Change): Promise<void>
  /** Holds so many connections at once, and tries one more. @throws Ends where that is not as it should be */
  crowd(count: number): Promise<void>
  /** Nobody may write to its store, or it may again; only in a scene of a case of its own. */
  store(what: 'locked' | 'free'): void
  /** Only in a scene of a case of its own whose settings name log servers. @returns what was seen, in words. @throws Ends */
  logServer(step: LogServerStep): Promise<string>
  /** Begins so many handshakes. @throws Ends where not so many of them are served */
  flood(count: number, served: number): Promise<string>
  doorOf(own: Performance): Pick<Door, 'at' | 'welcome'>
  /** What the peer of a performance shows. */
  shownBy(own: Performance): Shown | undefined
  /** Revokes what the peer shows, or something that nobody shows. */
  revoke(own: Performance, whose: 'peer' | 'nobody'): Promise<void>
  /** What was logged of the peer of a performance so far, a line of JSON each. */
  logOf(own: Performance): readonly string[]
  /** What of the gateway is to be seen on its host alone. @throws Ends where that is not as it should be */
  readonly host: HostLook
  /** Runs a command of the program, in a copy of the installation or for the gateway itself. */
  runInCopy(o: Pick<CopyOptions, 'command' | 'without' | 'open' | 'spoiled'>): Promise<Ended>
  /** @param types what somebody types who sits at a terminal; absent: a script runs it */
  runLive(command: readonly string[], types?: string): Promise<Ended>
}
