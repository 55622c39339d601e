// What of a scenario takes more than words and answers: messages that are counted, a partner that is blocked, one that says too
// much, one that has to prove its name anew, a domain of its that is wrong.

import type { Element } from '@xmpp/xml'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import { isOurs } from './blame.ts'
import type { OwnInstance } from './own-instance.ts'
import type { PairOutcome, Side, Step } from './scenario.ts'
import type { Asking, SeenStream } from './seen.ts'
import type { Talk } from './talk.ts'
import { isInbound, judged, wasSeen, type WrongDomains } from './wrong.ts'

const PASS: PairOutcome = { kind: 'pass' }
const TOO_MANY_MS = 500
/** Between two looks at what has come meanwhile. */
const LOOK_MS = 250
/** How long what is too fast may wait, and be let through by and by, at `limits.burst` and `limits.smoothing` as they are by default. */
const BURST_SECONDS = 10
const FLOOD_MS = 20_000

/** What a meeting lends to a trial. */
export interface Hand {
  readonly peer: string
  readonly profile: ProfileName
  readonly own: OwnInstance
  readonly asking: Asking
  readonly talk: Talk
  readonly patienceMs: number
  readonly wrong: WrongDomains
  say(by: Side, words: string): Promise<void>
  /** To the partner, and to services of its. */
  streams(): Promise<readonly SeenStream[]>
  perform(step: Step): Promise<PairOutcome>
  blame(to: Side, wanted: string, instead: Element | undefined): Promise<PairOutcome>
}

const otherOf = (by: Side): Side => (by === 'ours' ? 'theirs' : 'ours')

const messageBy = (by: Side): string => {
  const [from, to] = by === 'ours' ? ['{ours}', '{theirs}'] : ['{theirs}', '{ours}']
  return `<message type='chat' from='${from}' to='${to}' id='{id}'><body>Counted</body></message>`
}

const isOneOf =
  (ids: ReadonlySet<string>) =>
  ({ attrs }: Element): boolean =>
    attrs['type'] !== 'error' && ids.has(attrs['id'] ?? '')

export async function counted(hand: Hand, { by, counts }: Extract<Step, { counts: unknown }>): Promise<PairOutcome> {
  await hand.say(by, messageBy(by))
  const ids = [hand.talk.words['id']!]
  while (ids.length < counts) ids.push(hand.talk.say(by, messageBy(by)))
  return await allCame(hand, by, ids)
}

/** Each once, and in their order. */
async function allCame(hand: Hand, by: Side, ids: readonly string[]): Promise<PairOutcome> {
  const to = otherOf(by)
  const isCounted = isOneOf(new Set(ids))
  const came: string[] = []
  for (;;) {
    // Once all are there, a further one would be one too many.
    const stanza = await hand.talk.take({ [to]: isCounted }, came.length < ids.length ? hand.patienceMs : TOO_MANY_MS)
    if (!stanza) break
    came.push(stanza.attrs['id'] ?? '')
  }
  if (came.length === ids.length && came.every((id, index) => id === ids[index])) return PASS
  const others = new Set(came)
  const missing = ids.filter((id) => !others.has(id)).length
  return hand.blame(
    to,
    `${ids.length} messages, each once and in their order (${missing} missing, ${came.length} came)`,
    undefined,
  )
}

export async function blocked(
  hand: Hand,
  { blocked: words, meanwhile = [] }: Extract<Step, { blocked: unknown }>,
): Promise<PairOutcome> {
  const { asking, peer, talk, patienceMs } = hand
  await asking.block(peer)
  try {
    await hand.say('ours', words)
    const { id } = talk.words
    const said = (await talk.take({ ours: ({ attrs }) => attrs['id'] === id }, patienceMs))?.toString()
    if (said === undefined || !isOurs(said) || !said.includes('<not-allowed'))
      return { kind: 'violation', detail: `blocked, and our user was told ${said ?? 'nothing'}` }
    const left = await hand.streams()
    if (left.length > 0) return { kind: 'violation', detail: `blocked, and ${left.length} of its streams are up` }
    for (const step of meanwhile) {
      const outcome = await hand.perform(step)
      if (outcome.kind !== 'pass') return outcome
    }
    return PASS
  } finally {
    await asking.allow(peer)
  }
}

const NO_ENTRY: PairOutcome = {
  kind: 'not-run',
  detail: 'The partner has no entry of its own that could say otherwise.',
}

/** More than may be: each message comes, or is refused to whoever said it by an error of ours, and some are. */
export async function flooded(
  hand: Hand,
  { floods, by, perSecond }: Extract<Step, { floods: unknown }>,
): Promise<PairOutcome> {
  const restore = await hand.own.change(hand.peer, { limits: { stanzasPerSecond: perSecond } })
  if (!restore) return NO_ENTRY
  try {
    const began = performance.now()
    await hand.say(by, messageBy(by))
    const ids = [hand.talk.words['id']!]
    while (ids.length < floods) ids.push(hand.talk.say(by, messageBy(by)))
    const open = new Set(ids)
    let [came, refused] = [0, 0]
    while (open.size > 0 && performance.now() - began < FLOOD_MS) {
      const isOpen = ({ attrs }: Element): boolean => open.has(attrs['id'] ?? '')
      const one = await hand.talk.take({ ours: isOpen, theirs: isOpen }, hand.patienceMs)
      if (!one) break
      open.delete(one.attrs['id'] ?? '')
      const text = one.toString()
      if (one.attrs['type'] !== 'error') came += 1
      else if (isOurs(text) && text.includes('<resource-constraint')) refused += 1
      else return await hand.blame(by, 'a refusal by resource-constraint', one)
    }
    const most = Math.ceil(perSecond * (BURST_SECONDS + (performance.now() - began) / 1000))
    if (open.size > 0)
      return await hand.blame(
        otherOf(by),
        `${floods} messages, or a refusal of each (${open.size} of neither)`,
        undefined,
      )
    if (came > most || refused === 0)
      return { kind: 'violation', detail: `${came} came where ${most} may, and ${refused} were refused` }
    return PASS
  } finally {
    await restore()
  }
}

/** Its streams become others, by and by, and no message is lost on the way. */
export async function renewed(
  hand: Hand,
  { renewed: seconds }: Extract<Step, { renewed: unknown }>,
): Promise<PairOutcome> {
  const { own, peer, talk } = hand
  // A stream that is up is needed either way.
  for (const by of ['ours', 'theirs'] as const) {
    const outcome = await counted(hand, { by, counts: 1 })
    if (outcome.kind !== 'pass') return outcome
  }
  const ofPeer = async (): Promise<readonly string[]> =>
    (await hand.streams()).filter(({ remote }) => remote === peer).map(({ id }) => id)
  const before = new Set(await ofPeer())
  const restore = await own.change(peer, { reauthenticate: `${seconds}s` })
  if (!restore) return NO_ENTRY
  const said: Record<Side, string[]> = { ours: [], theirs: [] }
  let left: readonly string[]
  try {
    const until = performance.now() + seconds * 1000 + hand.patienceMs
    do {
      for (const by of ['ours', 'theirs'] as const) said[by].push(talk.say(by, messageBy(by)))
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      left = (await ofPeer()).filter((id) => before.has(id))
    } while (left.length > 0 && performance.now() < until)
  } finally {
    await restore()
  }
  if (left.length > 0)
    return {
      kind: 'violation',
      detail: `${left.length} streams are up though the name was to be proven anew after ${seconds} s`,
    }
  for (const by of ['ours', 'theirs'] as const) {
    const outcome = await allCame(hand, by, said[by])
    if (outcome.kind !== 'pass') return outcome
  }
  return PASS
}

/** Our user asks for a domain of the partner that is wrong so. */
export async function tried(hand: Hand, { wrong }: Extract<Step, { wrong: unknown }>): Promise<PairOutcome> {
  const { own, talk, profile, patienceMs } = hand
  const domain = hand.wrong[wrong] ?? ''
  const mark = own.log().length
  const since = (): readonly string[] => own.log().slice(mark)
  await hand.say('ours', `<iq type='get' from='{user}' to='${domain}' id='{id}'><ping xmlns='urn:xmpp:ping'/></iq>`)
  const { id } = talk.words
  const until = performance.now() + patienceMs
  let answer: string | undefined
  while (answer === undefined && performance.now() < until) {
    answer = (await talk.take({ ours: ({ attrs }) => attrs['id'] === id }, LOOK_MS))?.toString()
    // Where its stream to us was turned away, no answer can come.
    if (isInbound(wrong) && wasSeen(wrong, { domain, log: since() })) break
  }
  // What the gateway logs waits for more before it is written.
  await new Promise((resolve) => setTimeout(resolve, TOO_MANY_MS))
  return judged(wrong, { domain, profile, answer, log: since() })
}
