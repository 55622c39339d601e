// The streams of one performance: brings them to where the case begins, the peer's own or that of the gateway, and keeps the
// one that the case goes on with.
//
// Rule: what comes to pass before the first step is not what the case is about. If it does not come to pass, the case has
//       shown nothing, which is not the same as a violation.

import { domainToASCII } from 'node:url'
import type { Heard, Phase, Step } from './case.ts'
import { unclear } from './ends.ts'
import type { Secured } from './handshakes.ts'
import { heldAgainst } from './hearing.ts'
import { NAMESPACES } from './namespaces.ts'
import { answerTo, Back, streamHeader } from './stage/back.ts'
import type { Visit } from './stage/door.ts'
import type { Performance, Scene } from './stage/scene.ts'
import type { Transcript } from './stage/transcript.ts'
import { Wire } from './stage/wire.ts'
import { Visits } from './visits.ts'

const { SASL, SERVER, TLS } = NAMESPACES
const PATIENCE_MS = 5000

const isAboutBack = (step: Step): boolean =>
  'comesBack' in step || 'settles' in step || 'peer' in step || ('at' in step && step.at === 'back')

export class Streams implements Disposable {
  readonly #stage: Scene
  readonly #performance: Performance
  readonly #transcript: Transcript
  /** The domain of ours that the peer talks to. */
  readonly #us: string
  readonly #stack = new DisposableStack()
  /** What came by the stream that the gateway has opened to a peer that connects. */
  readonly back: Back
  #visits: Visits | undefined
  #isGone = false
  readonly #come = new Set<Wire>()
  #wire: Wire | undefined
  /** What the gateway has shown on the stream before. */
  #former: string | undefined
  #opening: Readonly<Record<string, string>> = {}

  constructor(stage: Scene, own: Performance, transcript: Transcript) {
    this.#stage = stage
    this.#performance = own
    this.#transcript = transcript
    this.#us = stage.oursFor(own).us
    this.back = this.#stack.use(new Back())
  }

  [Symbol.dispose](): void {
    this.#wire?.destroy()
    this.#stack.dispose()
  }

  /** The one that the case goes on with. */
  get current(): Wire {
    if (!this.#wire) throw unclear('there is no connection')
    return this.#wire
  }

  /** What the gateway has opened its stream with. */
  get opening(): Readonly<Record<string, string>> {
    return this.#opening
  }

  /** Those that the gateway opens. */
  get visits(): Visits {
    if (!this.#visits) throw unclear('nobody waits at the door')
    return this.#visits
  }

  /** `waken`: the core says something, so that the gateway opens a stream. */
  begin(waken: () => void): Promise<void> {
    const { role, phase } = this.#performance.testCase
    return role === 'receiving' ? this.#open(phase) : this.#receive(phase, waken)
  }

  async #open(phase: Phase): Promise<void> {
    const { peer, testCase } = this.#performance
    if (phase === 'none') return
    if (testCase.answersFor || testCase.steps.some(isAboutBack)) this.#keepDoor()
    const wire = new Wire(await this.#stage.connect(this.#performance), this.#transcript)
    this.#wire = wire
    if (phase === 'connected') return
    wire.say(streamHeader(peer, this.#us))
    await this.#offered()
    if (phase === 'opened') return
    wire.say(`<starttls xmlns='${TLS}'/>`)
    await this.#element('proceed', TLS)
    await wire.secure({ as: 'client', shown: this.#stage.shownBy(this.#performance), name: this.#us })
    if (phase === 'secured') return
    wire.say(streamHeader(peer, this.#us))
    await this.#offered()
    if (phase === 'offered') return
    wire.say(`<auth xmlns='${SASL}' mechanism='EXTERNAL'>${Buffer.from(peer).toString('base64')}</auth>`)
    await this.#element('success', SASL)
    wire.restart()
    wire.say(streamHeader(peer, this.#us))
    await this.#offered()
  }

  /** What the gateway opens to this peer is taken while the case goes on. */
  #keepDoor(): void {
    const { peer, testCase } = this.#performance
    const transcript = this.#transcript
    const door = this.#stage.doorOf(this.#performance)
    for (const domain of [peer, `*.${peer}`])
      this.#stack.use(
        door.welcome(domain, { transcript, who: ['gateway, back', 'peer, back'] }, (visit) => {
          if (this.#isGone) return visit.wire.destroy()
          this.#come.add(visit.wire)
          this.back
            .take(visit, {
              ...{ peer: domainToASCII(visit.header.attributes['to'] ?? ''), us: this.#us },
              ...{ shown: this.#stage.shownBy(this.#performance), answersFor: testCase.answersFor },
            })
            .catch((error: unknown) => transcript.add('note', `back: ${String(error)}`))
        }),
      )
  }

  async #receive(phase: Phase, waken: () => void): Promise<void> {
    const { peer } = this.#performance
    const notes = { transcript: this.#transcript, who: ['gateway', 'peer'] as const }
    const shown = this.#stage.shownBy(this.#performance)
    const visits = this.#stack.use(new Visits(this.#stage.doorOf(this.#performance), peer, { ...notes, shown }))
    this.#visits = visits
    if (phase === 'none') return
    waken()
    const visit = await visits.next(2 * PATIENCE_MS)
    if (!visit) throw unclear('the gateway opened no stream')
    const wire = this.goesOn(visit)
    if (phase === 'connected') return
    wire.say(answerTo(peer, this.#us, `<starttls xmlns='${TLS}'><required/></starttls>`))
    if (phase === 'opened') return
    await this.#element('starttls', TLS)
    wire.say(`<proceed xmlns='${TLS}'/>`)
    await wire.secure({ as: 'server', shown: this.#stage.shownBy(this.#performance), name: peer })
    await this.#expected({ kind: 'header' })
    if (phase === 'secured') return
    wire.say(answerTo(peer, this.#us, `<mechanisms xmlns='${SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>`))
    if (phase === 'offered') return
    await this.#element('auth', SASL)
    wire.say(`<success xmlns='${SASL}'/>`)
    wire.restart()
    await this.#expected({ kind: 'header' })
    wire.say(answerTo(peer, this.#us, ''))
    await this.#element('message', SERVER)
  }

  /** The case goes on there. */
  goesOn({ wire, header }: Visit): Wire {
    this.#opening = header.attributes
    this.#wire = wire
    return wire
  }

  /** In what precedes the case: a header and features. */
  async #offered(): Promise<void> {
    await this.#expected({ kind: 'header' })
    await this.#expected({ kind: 'features' })
  }

  #element(name: string, ns: string): Promise<void> {
    return this.#expected({ kind: 'element', like: { name, ns } })
  }

  async #expected(heard: Exclude<Heard, { kind: 'closed' }>): Promise<void> {
    const wrong = heldAgainst(await this.current.next(PATIENCE_MS), heard)
    if (wrong !== undefined) throw unclear(`before the case: ${wrong}`)
  }

  /** A further stream of the peer, up to there; the former one stays. */
  async another(phase: 'offered' | 'secured' | 'connected'): Promise<void> {
    const former = this.current
    this.#former = former.fingerprint
    this.#stack.defer(() => former.destroy())
    await this.#open(phase)
  }

  /** Its streams break, and whoever comes to it finds nobody. */
  breaks(): void {
    this.#isGone = true
    for (const wire of [this.current, ...this.#come]) wire.destroy()
    this.#come.clear()
  }

  /** It takes who comes again. */
  returns(): void {
    this.#isGone = false
  }

  /** The stream, and how its peer secures it. */
  secured(): Secured {
    const { peer, testCase } = this.#performance
    const as = testCase.role === 'receiving' ? 'client' : 'server'
    return {
      wire: this.current,
      securing: { as, shown: this.#stage.shownBy(this.#performance), name: as === 'client' ? this.#us : peer },
      former: this.#former,
      note: (text) => this.#transcript.add('note', text),
      isOfResponder: (staple) => this.#stage.publication.hasGiven(this.#us, staple),
      another: async () => {
        await this.#open('opened')
        this.current.say(`<starttls xmlns='${TLS}'/>`)
        await this.#element('proceed', TLS)
        return this.current
      },
    }
  }
}
