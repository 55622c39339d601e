// The steps of a case that are about TLS itself.

import type { Step } from './case.ts'
import { unclear, violated } from './ends.ts'
import { NAMESPACES } from './namespaces.ts'
import { clientGreeting, traitsOf } from './stage/greeting.ts'
import type { Securing, Wire } from './stage/wire.ts'

type TlsStep = Extract<
  Step,
  | { tls: unknown }
  | { shows: unknown }
  | { showsAnother: unknown }
  | { asksFor: unknown }
  | { staples: unknown }
  | { greets: unknown }
  | { speaks: unknown }
  | { renegotiation: unknown }
  | { resumption: unknown }
>

/** The stream of a case, and how its peer secures one. */
export interface Secured {
  readonly wire: Wire
  readonly securing: Securing
  /** Fingerprint of the certificate that the gateway has shown on the stream before. */
  readonly former: string | undefined
  note(text: string): void
  /** Is this what the responder has said of the gateway's certificate? */
  isOfResponder(staple: Buffer): boolean
  /** Another stream, which has come to where TLS begins. */
  another(): Promise<Wire>
}

export const isAboutTls = (step: Step): step is TlsStep =>
  'tls' in step ||
  'shows' in step ||
  'showsAnother' in step ||
  'asksFor' in step ||
  'staples' in step ||
  'greets' in step ||
  'speaks' in step ||
  'renegotiation' in step ||
  'resumption' in step

export async function performTls(step: TlsStep, secured: Secured): Promise<void> {
  const { wire } = secured
  if ('tls' in step) return secure(step, secured)
  if ('staples' in step) return staples(secured)
  if ('greets' in step) return greets(step, secured)
  if ('renegotiation' in step) return renegotiation(secured)
  if ('resumption' in step) return resumption(secured)
  if ('showsAnother' in step) {
    const { fingerprint } = wire
    if (fingerprint === undefined || secured.former === undefined) throw unclear('no certificate was shown')
    if (fingerprint === secured.former) throw violated(`it shows the same certificate still, ${fingerprint}`)
    return
  }
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
  { tls, suites, offers, asking, staple, refused }: Extract<Step, { tls: unknown }>,
  { wire, securing, note }: Secured,
): Promise<void> {
  const wanted = { most: tls, suites, offers, wantsStaple: staple, name: asking ?? securing.name }
  const failed = await failureOf(wire.secure({ ...securing, ...wanted }))
  if (failed !== undefined) note(`no TLS: ${failed}`)
  if (refused && failed === undefined) throw violated(`${tls} was agreed on`)
  if (!refused && failed !== undefined) throw violated(`no ${tls}: ${failed}`)
}

async function greets(
  { greets: wanted, without }: Extract<Step, { greets: unknown }>,
  { wire, securing: { as, name }, note }: Secured,
): Promise<void> {
  const words = as === 'client' ? clientGreeting(name) : `<proceed xmlns='${NAMESPACES.TLS}'/>`
  const traits = await wire.heardAfter(words, traitsOf, PATIENCE_MS)
  note(`the hello has ${[...traits].join(', ') || 'nothing of that'}`)
  const wrong = [
    ...wanted.filter((trait) => !traits.has(trait)).map((trait) => `no ${trait}`),
    ...without.filter((trait) => traits.has(trait)),
  ]
  if (wrong.length > 0) throw violated(`its hello has ${wrong.join(', ')}`)
}

/** The gateway has to have asked its responder before: until then whoever connects is sent nothing, and connects again. */
async function staples({ wire, securing, note, isOfResponder, another }: Secured): Promise<void> {
  let { staple } = wire
  const most = wire.version
  const until = performance.now() + UNTIL_STAPLED_MS
  for (let last = wire; !staple && performance.now() < until; { staple } = last) {
    last.destroy()
    last = await another()
    await last.secure({ ...securing, wantsStaple: true, most })
  }
  if (!staple) throw violated('nothing was stapled')
  note(`with the certificate came ${staple.length} octets of a responder`)
  if (!isOfResponder(staple)) throw violated('what was stapled is not what the responder has said')
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
const UNTIL_STAPLED_MS = 5000

const failureOf = (attempt: Promise<void>): Promise<string | undefined> =>
  attempt.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
