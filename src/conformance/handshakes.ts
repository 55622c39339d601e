// The steps of a case that are about TLS itself.

import type { Step } from './case.ts'
import { unclear, violated } from './ends.ts'
import type { Securing, Wire } from './stage/wire.ts'

type TlsStep = Extract<
  Step,
  | { tls: unknown }
  | { shows: unknown }
  | { asksFor: unknown }
  | { speaks: unknown }
  | { renegotiation: unknown }
  | { resumption: unknown }
>

/** The stream of a case, and how its peer secures one. */
export interface Secured {
  readonly wire: Wire
  readonly securing: Securing
  note(text: string): void
  /** Another stream, which has come to where TLS begins. */
  another(): Promise<Wire>
}

export const isAboutTls = (step: Step): step is TlsStep =>
  'tls' in step ||
  'shows' in step ||
  'asksFor' in step ||
  'speaks' in step ||
  'renegotiation' in step ||
  'resumption' in step

export async function performTls(step: TlsStep, secured: Secured): Promise<void> {
  const { wire } = secured
  if ('tls' in step) return secure(step, secured)
  if ('renegotiation' in step) return renegotiation(secured)
  if ('resumption' in step) return resumption(secured)
  if ('asksFor' in step) {
    if (wire.asksFor !== step.asksFor) throw violated(`it asks for ${wire.asksFor ?? 'nobody'}`)
    return
  }
  if ('speaks' in step) {
    if (wire.speaks !== step.speaks) throw violated(`it speaks ${wire.speaks ?? 'nothing that was agreed on'}`)
    return
  }
  const names = wire.shown
  if (!names?.split(', ').includes(`DNS:${step.shows}`)) throw violated(`its certificate is for ${names ?? 'nobody'}`)
}

async function secure(
  { tls, suites, offers, asking, refused }: Extract<Step, { tls: unknown }>,
  { wire, securing, note }: Secured,
): Promise<void> {
  const failed = await failureOf(wire.secure({ ...securing, most: tls, suites, offers, name: asking ?? securing.name }))
  if (failed !== undefined) note(`no TLS: ${failed}`)
  if (refused && failed === undefined) throw violated(`${tls} was agreed on`)
  if (!refused && failed !== undefined) throw violated(`no ${tls}: ${failed}`)
}

async function renegotiation({ wire, note }: Secured): Promise<void> {
  const failed = await failureOf(wire.renegotiate())
  note(failed === undefined ? 'renegotiated' : `no renegotiation: ${failed}`)
  if (failed === undefined) throw violated('it renegotiates')
}

async function resumption({ wire, securing, note, another }: Secured): Promise<void> {
  const { session } = wire
  if (session === undefined) throw unclear('there is no session to resume')
  const next = await another()
  try {
    const failed = await failureOf(next.secure({ ...securing, session, most: wire.version }))
    note(failed === undefined ? `the session was ${next.isResumed ? '' : 'not '}resumed` : `no TLS: ${failed}`)
    if (next.isResumed && !(await next.isClosedWithin(PATIENCE_MS))) throw violated('the session was resumed')
  } finally {
    next.destroy()
  }
}

const PATIENCE_MS = 5000

const failureOf = (attempt: Promise<void>): Promise<string | undefined> =>
  attempt.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
