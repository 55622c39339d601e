// The scripted peer of one performance: does and hears what the steps say, once `streams.ts` has brought its stream to where
// the case begins.

import type { Element } from '@xmpp/xml'
import type { Attributes, Heard, Pattern, Step } from './case.ts'
import { crowd } from './crowd.ts'
import { unclear, violated } from './ends.ts'
import { filled, filledStep, type Words } from './filling.ts'
import { isAboutTls, performTls } from './handshakes.ts'
import { headerDiffers, heldAgainst, said } from './hearing.ts'
import { differs, inWords } from './pattern.ts'
import { type Performance, type Stage, US, USERS } from './stage/stage.ts'
import { Transcript } from './stage/transcript.ts'
import type { Item, Wire } from './stage/wire.ts'
import { Streams } from './streams.ts'
import { isAboutNames, type NamesStep } from './visits.ts'

const PATIENCE_MS = 5000
/** What crosses has streams to wait for that are opened first. */
const CORE_PATIENCE_MS = 15_000
const LOOK_MS = 20

const WAKING =
  "<message type='chat' from='{user}/conformance' to='{contact}' id='{id}-waking'><body>Wake up</body></message>"

export class Actor implements Disposable {
  readonly #stage: Stage
  readonly #performance: Performance
  #words: Words
  readonly #stack = new DisposableStack()
  readonly #streams: Streams
  readonly #atCore: Element[] = []
  readonly #transcript = new Transcript(() => performance.now())
  readonly #asked: string[] = []
  #last: Item | undefined

  constructor(stage: Stage, own: Performance, run: string) {
    const { peer, unicode } = own
    this.#stage = stage
    this.#performance = own
    const usual = stage.doorOf(own).at('usual')?.host ?? ''
    this.#words = { us: US, peer, unicode, usual, id: run, user: `${USERS[0]}@${US}`, contact: `bob@${peer}` }
    this.#streams = this.#stack.use(new Streams(stage, own, this.#transcript))
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
    this.#stack.dispose()
  }

  get #stream(): Wire {
    return this.#streams.current
  }

  /** Brings the stream to where the case begins. */
  async begin(): Promise<void> {
    this.#stack.use(
      await this.#stage.prepare(this.#performance, (question, answer) => {
        this.#asked.push(question)
        this.#transcript.add('note', `DNS: ${question}: ${answer}`)
      }),
    )
    return this.#streams.begin(() => this.#coreSays(filled(WAKING, this.#words)))
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
    if ('comesBack' in step) return this.#among(this.#streams.back.heard, step.comesBack, step.withinMs, 'came back')
    if ('silence' in step) return this.#silence(step)
    if (isAboutTls(step)) return performTls(step, this.#streams.secured())
    if ('opened' in step) return this.#opened(step.opened)
    if ('keeps' in step) return this.#keep(step.keeps)
    if ('another' in step) return this.#streams.another()
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
      const heard = (at === 'core' ? this.#atCore : this.#streams.back.heard).find(fits)
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
    const { visits } = this.#streams
    if ('arrives' in step) return void this.#streams.goesOn(await visits.arrival(step.arrives, step.withinMs))
    if ('nobodyArrives' in step) return visits.nobody(step.nobodyArrives)
    for (let count = 1; count <= step.over; count++)
      this.#coreSays(filled(WAKING, { ...this.#words, contact: `bob@n${count}.${this.#performance.peer}` }))
    this.#transcript.add('note', await visits.spread(step))
  }

  #keep(name: string): void {
    if (this.#last?.kind !== 'element') throw unclear('no element was heard last')
    this.#words = { ...this.#words, [name]: this.#last.element.getText() }
  }

  #neverSaid(texts: readonly string[]): void {
    const words = this.#transcript.lines.filter(({ who }) => who === 'gateway' || who === 'gateway, back')
    const wrong = texts.find((text) => words.some((line) => line.text.includes(text)))
    if (wrong !== undefined) throw violated(`it said ${wrong}`)
    if (words.length === 0) throw unclear('it said nothing')
  }

  #opened(wanted: Attributes): void {
    const wrong = headerDiffers(this.#streams.opening, wanted)
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
