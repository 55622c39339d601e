// The scripted peer of one performance: brings a stream to where its case begins, and then does and hears what the steps say.
//
// Rule: what comes to pass before the first step is not what the case is about. If it does not come to pass, the case has
//       shown nothing, which is not the same as a violation.

import { domainToASCII } from 'node:url'
import type { Element } from '@xmpp/xml'
import type { Attributes, Heard, Pattern, Phase, Step, TestCase } from './case.ts'
import { crowd } from './crowd.ts'
import { unclear, violated } from './ends.ts'
import { filled, filledStep, type Words } from './filling.ts'
import { isAboutTls, performTls, type Secured } from './handshakes.ts'
import { headerDiffers, heldAgainst, said } from './hearing.ts'
import { NAMESPACES } from './namespaces.ts'
import { differs, inWords } from './pattern.ts'
import { answerTo, Back, streamHeader } from './stage/back.ts'
import type { Visit } from './stage/door.ts'
import { type Performance, type Stage, US, USERS } from './stage/stage.ts'
import { Transcript } from './stage/transcript.ts'
import { type Item, Wire } from './stage/wire.ts'
import { isAboutNames, type NamesStep, Visits } from './visits.ts'

const { SASL, SERVER, TLS } = NAMESPACES
const PATIENCE_MS = 5000
/** What crosses has streams to wait for that are opened first. */
const CORE_PATIENCE_MS = 15_000
const LOOK_MS = 20

const WAKING =
  "<message type='chat' from='{user}/conformance' to='{contact}' id='{id}-waking'><body>Wake up</body></message>"

export class Actor implements Disposable {
  readonly #stage: Stage
  readonly #performance: Performance
  readonly #case: TestCase
  #words: Words
  readonly #stack = new DisposableStack()
  readonly #back: Back
  readonly #atCore: Element[] = []
  readonly #transcript = new Transcript(() => performance.now())
  readonly #asked: string[] = []
  #visits: Visits | undefined
  #wire: Wire | undefined
  #last: Item | undefined
  /** What the gateway has opened its stream with. */
  #opening: Readonly<Record<string, string>> = {}

  constructor(stage: Stage, own: Performance, run: string) {
    const { peer, unicode, testCase } = own
    this.#stage = stage
    this.#performance = own
    this.#case = testCase
    const usual = stage.doorOf(own).at('usual')?.host ?? ''
    this.#words = { us: US, peer, unicode, usual, id: run, user: `${USERS[0]}@${US}`, contact: `bob@${peer}` }
    this.#back = this.#stack.use(new Back())
    this.#stack.use(
      stage.core.listen((stanza) => {
        if (!(stanza.attrs['from'] ?? '').includes(peer) && !(stanza.attrs['id'] ?? '').startsWith(run)) return
        this.#transcript.add('gateway to core', stanza.toString())
        this.#atCore.push(stanza)
      }),
    )
  }

  get transcript(): Transcript {
    return this.#transcript
  }

  [Symbol.dispose](): void {
    this.#wire?.destroy()
    this.#stack.dispose()
  }

  get #stream(): Wire {
    if (!this.#wire) throw unclear('there is no connection')
    return this.#wire
  }

  /** Brings the stream to where the case begins. */
  async begin(): Promise<void> {
    this.#stack.use(
      await this.#stage.prepare(this.#performance, (question, answer) => {
        this.#asked.push(question)
        this.#transcript.add('note', `DNS: ${question}: ${answer}`)
      }),
    )
    return this.#case.role === 'receiving' ? this.#open(this.#case.phase) : this.#receive(this.#case.phase)
  }

  async #open(phase: Phase): Promise<void> {
    const { peer } = this.#performance
    if (phase === 'none') return
    if (this.#case.answersFor || this.#case.steps.some((step) => 'comesBack' in step)) this.#keepDoor()
    const wire = new Wire(await this.#stage.connect(this.#performance), this.#transcript)
    this.#wire = wire
    if (phase === 'connected') return
    wire.say(streamHeader(peer, US))
    await this.#offered()
    if (phase === 'opened') return
    wire.say(`<starttls xmlns='${TLS}'/>`)
    await this.#element('proceed', TLS)
    await wire.secure({ as: 'client', shown: this.#stage.shownBy(this.#performance), name: US })
    if (phase === 'secured') return
    wire.say(streamHeader(peer, US))
    await this.#offered()
    if (phase === 'offered') return
    wire.say(`<auth xmlns='${SASL}' mechanism='EXTERNAL'>${Buffer.from(peer).toString('base64')}</auth>`)
    await this.#element('success', SASL)
    wire.restart()
    wire.say(streamHeader(peer, US))
    await this.#offered()
  }

  /** What the gateway opens to this peer is taken while the case goes on. */
  #keepDoor(): void {
    const { peer } = this.#performance
    const transcript = this.#transcript
    const door = this.#stage.doorOf(this.#performance)
    for (const domain of [peer, `*.${peer}`])
      this.#stack.use(
        door.welcome(domain, { transcript, who: ['gateway, back', 'peer, back'] }, (visit) => {
          this.#back
            .take(visit, {
              ...{ peer: domainToASCII(visit.header.attributes['to'] ?? ''), us: US },
              ...{ shown: this.#stage.shownBy(this.#performance), answersFor: this.#case.answersFor },
            })
            .catch((error: unknown) => transcript.add('note', `back: ${String(error)}`))
        }),
      )
  }

  async #receive(phase: Phase): Promise<void> {
    const { peer } = this.#performance
    const notes = { transcript: this.#transcript, who: ['gateway', 'peer'] as const }
    const shown = this.#stage.shownBy(this.#performance)
    const visits = this.#stack.use(new Visits(this.#stage.doorOf(this.#performance), peer, { ...notes, shown }))
    this.#visits = visits
    if (phase === 'none') return
    this.#coreSays(filled(WAKING, this.#words))
    const visit = await visits.next(2 * PATIENCE_MS)
    if (!visit) throw unclear('the gateway opened no stream')
    const wire = this.#goesOn(visit)
    if (phase === 'connected') return
    wire.say(answerTo(peer, US, `<starttls xmlns='${TLS}'><required/></starttls>`))
    if (phase === 'opened') return
    await this.#element('starttls', TLS)
    wire.say(`<proceed xmlns='${TLS}'/>`)
    await wire.secure({ as: 'server', shown: this.#stage.shownBy(this.#performance), name: peer })
    await this.#expected({ kind: 'header' })
    if (phase === 'secured') return
    wire.say(answerTo(peer, US, `<mechanisms xmlns='${SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>`))
    if (phase === 'offered') return
    await this.#element('auth', SASL)
    wire.say(`<success xmlns='${SASL}'/>`)
    wire.restart()
    await this.#expected({ kind: 'header' })
    wire.say(answerTo(peer, US, ''))
    await this.#element('message', SERVER)
  }

  #goesOn({ wire, header }: Visit): Wire {
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
    const wrong = heldAgainst(await this.#stream.next(PATIENCE_MS), heard)
    if (wrong !== undefined) throw unclear(`before the case: ${wrong}`)
  }

  async perform(unfilled: Step): Promise<void> {
    const step = filledStep(unfilled, this.#words)
    if ('say' in step) return this.#stream.say(step.say)
    if ('octets' in step) return this.#stream.say(Buffer.from(step.octets, 'hex'))
    if ('restart' in step) return this.#stream.restart()
    if ('close' in step) return step.close === 'stream' ? this.#stream.say('</stream:stream>') : this.#stream.end()
    if ('revoke' in step) return this.#stage.revoke(this.#performance, step.revoke)
    if ('runs' in step) return this.#runs(step)
    if ('coreSays' in step) return this.#coreSays(step.coreSays)
    if ('coreHears' in step) return this.#among(this.#atCore, step.coreHears, step.withinMs, 'reached the core')
    if ('comesBack' in step) return this.#among(this.#back.heard, step.comesBack, step.withinMs, 'came back')
    if ('silence' in step) return this.#silence(step)
    if (isAboutTls(step)) return performTls(step, this.#secured())
    if ('opened' in step) return this.#opened(step.opened)
    if ('keeps' in step) return this.#keep(step.keeps)
    if ('another' in step) return this.#another()
    if ('crowds' in step) return crowd(this.#stage.instance.ports.federation, step.crowds)
    if ('neverSaid' in step) return this.#neverSaid(step.neverSaid)
    if (isAboutNames(step)) return this.#names(step)
    await this.#hear('hear' in step ? [step.hear] : step.hearOneOf, step.withinMs ?? PATIENCE_MS)
  }

  #coreSays(stanza: string): void {
    this.#transcript.add('core to gateway', stanza)
    this.#stage.core.say(stanza)
  }

  async #among(heard: readonly Element[], wanted: Pattern, ms = CORE_PATIENCE_MS, where: string): Promise<void> {
    const until = performance.now() + ms
    while (!heard.some((stanza) => differs(stanza, wanted) === undefined)) {
      if (performance.now() >= until) {
        const last = heard.at(-1)
        throw violated(
          `${inWords(wanted)} never ${where}${last ? `; the last had ${differs(last, wanted) ?? ''}` : ''}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  async #silence({ silence, at, of }: Extract<Step, { silence: number }>): Promise<void> {
    const fits = (element: Element): boolean => of === undefined || differs(element, of) === undefined
    if (at !== 'peer') {
      await new Promise((resolve) => setTimeout(resolve, silence))
      const heard = (at === 'core' ? this.#atCore : this.#back.heard).find(fits)
      if (heard) throw violated(`${heard.toString().slice(0, 200)} at the ${at === 'core' ? 'core' : 'peer'}`)
      return
    }
    const until = performance.now() + silence
    for (let left = silence; left > 0; left = until - performance.now()) {
      const item = await this.#stream.next(left)
      if (item === undefined) return
      if (item.kind === 'closed') throw violated('the connection was closed')
      if (item.kind !== 'element' || fits(item.element)) throw violated(`${said(item)} was said`)
    }
  }

  #secured(): Secured {
    const { peer } = this.#performance
    const as = this.#case.role === 'receiving' ? 'client' : 'server'
    return {
      wire: this.#stream,
      securing: { as, shown: this.#stage.shownBy(this.#performance), name: as === 'client' ? US : peer },
      note: (text) => this.#transcript.add('note', text),
      another: async () => {
        await this.#open('opened')
        this.#stream.say(`<starttls xmlns='${TLS}'/>`)
        await this.#element('proceed', TLS)
        return this.#stream
      },
    }
  }

  async #runs({ runs, ends, says, without, open }: Extract<Step, { runs: unknown }>): Promise<void> {
    const { code, said: text } = await this.#stage.runInCopy({ command: runs, without, open })
    this.#transcript.add('note', `${runs.join(' ')} ended with ${code ?? 'nothing'}: ${text.slice(0, 2000)}`)
    if (code === undefined) throw violated(`${runs.join(' ')} did not end`)
    if ((code === 0) !== (ends === 'well')) throw violated(`${runs.join(' ')} ended with ${code}`)
    const missing = says.find((words) => !text.includes(words))
    if (missing !== undefined) throw violated(`${runs.join(' ')} says nothing of ${missing}`)
  }

  async #names(step: NamesStep): Promise<void> {
    if ('asked' in step || 'neverAsked' in step) {
      const question = 'asked' in step ? step.asked : step.neverAsked
      if (this.#asked.includes(question) !== 'asked' in step)
        throw violated(`DNS was ${'asked' in step ? 'never ' : ''}asked for ${question}`)
      return
    }
    if (!this.#visits) throw unclear('nobody waits at the door')
    if ('arrives' in step) return void this.#goesOn(await this.#visits.arrival(step.arrives, step.withinMs))
    if ('nobodyArrives' in step) return this.#visits.nobody(step.nobodyArrives)
    for (let count = 1; count <= step.over; count++)
      this.#coreSays(filled(WAKING, { ...this.#words, contact: `bob@n${count}.${this.#performance.peer}` }))
    this.#transcript.add('note', await this.#visits.spread(step))
  }

  #keep(name: string): void {
    if (this.#last?.kind !== 'element') throw unclear('no element was heard last')
    this.#words = { ...this.#words, [name]: this.#last.element.getText() }
  }

  async #another(): Promise<void> {
    const former = this.#stream
    this.#stack.defer(() => former.destroy())
    await this.#open('offered')
  }

  #neverSaid(texts: readonly string[]): void {
    const words = this.#transcript.lines.filter(({ who }) => who === 'gateway' || who === 'gateway, back')
    const wrong = texts.find((text) => words.some((line) => line.text.includes(text)))
    if (wrong !== undefined) throw violated(`it said ${wrong}`)
    if (words.length === 0) throw unclear('it said nothing')
  }

  #opened(wanted: Attributes): void {
    const wrong = headerDiffers(this.#opening, wanted)
    if (wrong !== undefined) throw violated(wrong)
  }

  async #hear(choices: readonly Heard[], ms: number): Promise<void> {
    if (choices.length === 1 && choices[0]!.kind === 'closed') return this.#closed(ms)
    let item: Item | undefined = await this.#stream.next(ms)
    // Where no header was said yet, one comes before the error. RFC 6120 §4.9.1.2
    if (item?.kind === 'header' && choices.every(({ kind }) => kind === 'stream-error'))
      item = await this.#stream.next(ms)
    this.#last = item
    const wrongs: string[] = []
    for (const heard of choices) {
      const wrong =
        heard.kind === 'closed'
          ? item?.kind === 'closed'
            ? undefined
            : `${said(item)} instead of the end`
          : heldAgainst(item, heard)
      if (wrong === undefined) return heard.kind === 'stream-error' ? this.#ended(ms) : undefined
      wrongs.push(wrong)
    }
    throw violated(wrongs.join('; '))
  }

  /** After a stream error: the end of the stream and of the connection. */
  async #ended(ms: number): Promise<void> {
    const wrong = heldAgainst(await this.#stream.next(ms), { kind: 'end' })
    if (wrong !== undefined) throw violated(`after the error: ${wrong}`)
    await this.#closed(ms)
  }

  async #closed(ms: number): Promise<void> {
    if (!(await this.#stream.isClosedWithin(ms))) throw violated(`the connection was not closed within ${ms} ms`)
  }
}
