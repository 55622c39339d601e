// One remote user: a connection of their client, a connection to the core's client port, and what goes between the two.
// What is said until an address is bound, and what is no stanza, is the relay's (`stream/client/relay.ts`); stanzas go
// from one side to the other here, by the checkpoint where they come from outside.
//
// Rule 1: whoever cannot be written to is not read for: each side holds the other.
// Rule 2: a session ends once, for one reason, on both sides.

import type { InnerHandler } from '../../net/client/inner.ts'
import type { ClientHandler, ClientTransport } from '../../net/client/transport.ts'
import { newStreamId } from '../../net/introduction.ts'
import { EXTERNAL } from '../../stream/client/external.ts'
import { Counting } from '../../stream/client/counting.ts'
import { BEGIN, step } from '../../stream/client/relay.ts'
import type {
  Known,
  RelayEffect,
  RelayEnd,
  RelayEvent,
  RelayRules,
  RelayState,
} from '../../stream/client/relay-types.ts'
import { HELD, isStanza } from '../../stream/client/relay-words.ts'
import type { Frame, StreamHeader } from '../../xml/frame.ts'
import { rescope } from '../../xml/rescope.ts'
import type { Bytes } from '../../xml/stretch.ts'
import type { StreamCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { reason as catalogued, type ReasonId } from '../../xmpp/reasons.ts'
import { refuse } from './checkpoint.ts'
import { CoreSide } from './core-side.ts'
import type { SessionFacts } from './gate.ts'
import { Holds } from './holds.ts'
import { LogIn } from './log-in.ts'
import { Resumption } from './resumption.ts'
import { softwareOf } from './software.ts'
import type { SessionWorld } from './session-world.ts'
import type { SessionStatus } from './status.ts'

const TO_CLIENT = { lang: 'en', content: NS.client } as const

export class Session implements ClientHandler {
  readonly id = newStreamId()
  readonly since: number
  readonly transport: ClientTransport
  readonly #world: SessionWorld
  #rules: RelayRules
  readonly #holds: Holds
  readonly #counting: Counting
  readonly #resumption: Resumption
  #state: RelayState = BEGIN
  readonly #core: CoreSide
  #coreHeld = false
  #facts: SessionFacts | undefined
  readonly #logIn: LogIn
  #stanzasIn = 0
  #stanzasOut = 0
  #refused = 0
  #software: string | undefined

  constructor(transport: ClientTransport, world: SessionWorld) {
    this.transport = transport
    this.#world = world
    this.since = world.now()
    const { rules, resumables, gate, now } = world
    this.#rules = { serves: rules.serves, attempts: rules.attempts, requested: transport.facts.requested }
    const guard = (act: () => void): void => this.#guarded(act)
    this.#holds = new Holds({ transport, rate: world.rate, now, guard })
    this.#counting = new Counting({
      toClient: (bytes) => this.#toClient(bytes),
      toCore: (bytes) => this.#toCore(bytes),
      answer: (bytes) => this.#answer(bytes),
      end: (reason, detail, application) => this.#feed({ kind: 'end', reason, detail, application }),
    })
    this.#resumption = new Resumption({
      counting: this.#counting,
      resumables,
      now,
      replace: () => this.end('SP-817'),
    })
    this.#core = new CoreSide({
      session: this,
      world,
      handler: this.#heard,
      feed: (event) => this.#feed(event),
      shown: (card) => (this.#rules = { ...this.#rules, card }),
    })
    this.#logIn = new LogIn({
      session: this,
      gate,
      now,
      patienceMs: world.patienceMs,
      failed: (claim, failure) => world.journal.logInFailed(this, claim, failure),
      feed: (event) => guard(() => this.#feed(event)),
    })
    transport.handler = this
  }

  /** Who it is, once logged in. */
  get facts(): SessionFacts | undefined {
    return this.#facts
  }

  get counters(): { readonly stanzasIn: number; readonly stanzasOut: number } {
    return { stanzasIn: this.#stanzasIn, stanzasOut: this.#stanzasOut }
  }

  get isOver(): boolean {
    return this.#state.phase === 'over'
  }

  status(): SessionStatus {
    const { remoteAddress, listener, transport, tls } = this.transport.facts
    const { user, mechanism } = this.#facts ?? this.#logIn.claim ?? {}
    return {
      id: this.id,
      ...{ user, mechanism },
      address: this.#facts?.address,
      software: this.#software,
      phase: this.#state.phase,
      clientAddress: remoteAddress,
      ...{ listener, transport, tls },
      since: new Date(this.since).toISOString(),
      resumable: this.#counting.resumable !== undefined,
      ...this.counters,
      refused: this.#refused,
      unsentBytes: this.transport.unsent + (this.#core.inner?.unsent ?? 0),
      unreadBytes: this.transport.unread + (this.#core.inner?.unread ?? 0),
      held: this.#holds.any || this.#coreHeld,
    }
  }

  /** Ends it, on both sides. */
  end(reason: ReasonId, detail = '', condition?: StreamCondition): void {
    this.#feed({ kind: 'end', reason, detail, condition })
  }

  // --- what the client's side tells ---

  header(header: StreamHeader): void {
    this.#feed({ kind: 'client-header', header })
  }

  frame(frame: Frame): void {
    this.#holds.spoke()
    if (this.#state.phase === 'bound' && isStanza(frame)) this.#fromClient(frame, this.#state.address)
    else this.#feed({ kind: 'client', frame })
  }

  asked(): void {
    this.#holds.spoke()
  }

  footer(): void {
    this.#feed({ kind: 'client-footer' })
  }

  fault(reason: ReasonId, detail: string, condition: StreamCondition): void {
    if (reason === 'SP-430') this.#feed({ kind: 'late' })
    else this.end(reason, detail, condition)
  }

  drained(): void {
    this.#holds.release('answers')
    if (!this.#coreHeld) return
    this.#coreHeld = false
    this.#core.inner?.release()
  }

  idle(): void {
    this.end('SP-822')
  }

  ended(reason: ReasonId, detail: string): void {
    if (this.isOver) return this.#world.left(this)
    return this.#world.lost(() => {
      this.#guarded(() => this.end(reason === 'SP-815' ? reason : 'SP-816', `${reason} ${detail}`.trim()))
      this.#world.left(this)
    })
  }

  bug(error: unknown): void {
    this.#world.journal.bug(error, this.transport.reference)
    this.end('SP-491')
  }

  #guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.bug(error)
    }
  }

  // --- what goes between the two ---

  #fromClient(frame: Frame, address: string): void {
    const world = this.#world
    this.#stanzasIn += 1
    const user = this.#facts?.user ?? ''
    const refused = refuse(frame, user, address, world.reference)
    if (refused) {
      this.#refused += 1
      world.journal.refused(this, frame, refused)
      return this.#counting.refused(refused.answer)
    }
    this.#software ??= softwareOf(frame)
    this.#counting.passed()
    this.#toCore(rescope(frame, TO_CLIENT))
  }

  #fromCore(frame: Frame): void {
    this.#stanzasOut += 1
    this.#counting.given()
    this.#toClient(rescope(frame, TO_CLIENT))
  }

  /** Not only stanzas fill the pipe: whoever asks for counts without end waits too. */
  #toCore(bytes: Bytes): void {
    if (this.#core.inner?.send(bytes) === false) this.#holds.hold('pipe')
  }

  /** False: the pipe is full now. */
  #toClient(bytes: Bytes): boolean {
    const room = this.transport.send(bytes)
    if (room || this.#coreHeld) return room
    this.#coreHeld = true
    this.#core.inner?.hold()
    return false
  }

  /** An answer of ours. Who does not read them is not read either. */
  #answer(bytes: Bytes): void {
    if (!this.#toClient(bytes)) this.#holds.hold('answers')
  }

  // --- what the relay makes of it ---

  #feed(event: RelayEvent): void {
    if (this.isOver) return
    const [next, ...effects] = step(this.#state, event, this.#rules)
    this.#state = next
    if (HELD.has(next.phase)) this.#holds.hold('phase')
    for (const effect of effects) {
      this.#perform(effect)
      if (this.isOver && next.phase !== 'over') return // That has ended it.
    }
    if (!HELD.has(this.#state.phase)) this.#holds.release('phase')
  }

  #perform(effect: RelayEffect): void {
    switch (effect.kind) {
      case 'reach':
        return void this.#core.reach(effect.domain).catch((error: unknown) => this.bug(error))
      case 'open':
        return this.transport.open({ from: effect.domain, id: newStreamId() })
      case 'offer':
        if (effect.offer.bindsChannel) this.#world.journal.bindsChannel()
        return this.transport.features(effect.offer.children)
      case 'to-client':
        return void this.#toClient(effect.bytes)
      case 'answer':
        return this.#answer(effect.bytes)
      case 'to-core':
        this.#logIn.heard()
        return this.#toCore(effect.bytes)
      case 'restart':
        return this.transport.restart()
      case 'reopen':
        return this.#core.inner?.reopen()
      case 'claim':
        return this.#logIn.claimed(effect.domain, effect.asked)
      case 'vouch':
        return void this.#core.vouch(effect.user, effect.domain).catch((error: unknown) => this.bug(error))
      case 'failed':
        return this.#logIn.failed(effect)
      case 'challenged':
        return this.#logIn.challenged(effect)
      case 'misled':
        return this.#logIn.misled()
      case 'logged-in':
        return this.#loggedIn(effect.known)
      case 'bound':
        this.transport.settled()
        this.#core.inner?.settled()
        this.#facts = this.#facts && { ...this.#facts, address: effect.address }
        return this.#world.journal.bound(this)
      case 'counting':
        return this.#counting.begin()
      case 'counted':
        this.#counting.both(effect.enabled.id)
        return this.#resumption.enabled(this.#facts?.user ?? '', this.#facts?.address ?? '', effect.enabled)
      case 'resume':
        return this.#feed(this.#resumption.want(this.#facts?.user ?? '', effect.frame))
      case 'resumed':
        this.#resumption.resumed()
        return this.#counting.resumed(effect.frame)
      case 'not-resumed':
        return this.#resumption.forget()
      case 'count-to-core':
        return this.#counting.wordToCore(effect.frame)
      case 'count-to-client':
        return this.#counting.wordToClient(effect.frame)
      case 'end':
        return this.#end(effect)
    }
  }

  readonly #heard: InnerHandler = {
    header: () => this.#feed({ kind: 'core-header' }),
    frame: (frame) => {
      if (this.#state.phase === 'bound' && isStanza(frame)) this.#fromCore(frame)
      else this.#feed({ kind: 'core', frame })
    },
    drained: () => this.#holds.release('pipe'),
    ended: (reason, detail) => this.end(reason, detail),
  }

  #loggedIn(known: Known): void {
    const facts = this.#logIn.succeeded(known)
    if (!facts) return
    this.#facts = facts
    this.transport.authenticated()
    this.#core.inner?.authenticated()
    if (facts.mechanism === EXTERNAL) this.#world.cards.begun(this)
    this.#world.known(this)
    this.#world.journal.loggedIn(this)
  }

  #end({ reason, detail, condition, application }: RelayEnd): void {
    this.#holds.end()
    const { transport } = this
    const isLost = reason === 'SP-816' || reason === 'SP-817'
    this.#logIn.abandoned({ reason, condition })
    const { side } = catalogued(reason)
    // Who comes and goes, as whatever watches a port does, has paid for the connection.
    const isTheirs = (side === 'theirs' || side === 'network') && !isLost && reason !== 'SP-815'
    if (isTheirs && !this.#facts && !this.#logIn.begun) this.#world.gate().fumbled(transport.facts.remoteAddress)
    // Who is lost may come back for what the core keeps; who leaves, or is sent away, does not.
    if (isLost || this.#counting.wanted !== undefined) this.#resumption.lost()
    else this.#resumption.forget()
    this.#core.end(isLost)
    transport.close({ condition, application, reference: transport.reference })
    this.#world.cards.ended(this)
    if (this.#facts) this.#world.gate().ended(this.#facts)
    this.#world.journal.ended(this, { reason, detail, condition, reference: transport.reference })
  }
}
