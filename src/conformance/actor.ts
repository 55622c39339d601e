// The scripted peer of one performance: does and hears what the steps say, once `streams.ts` has brought its stream to where
// the case begins.

import type { Element } from '@xmpp/xml'
import type { Attributes, Heard, Step } from './case.ts'
import { come, comeInOrder, type Logged, logged, type Wanted } from './elsewhere.ts'
import { unclear, violated } from './ends.ts'
import { filled, filledStep, type Words } from './filling.ts'
import { isAboutTls, performTls } from './handshakes.ts'
import { differs, inWords } from './pattern.ts'
import { headerDiffers, heldAgainst, said } from './hearing.ts'
import { settled } from './settling.ts'
import { retried } from './retries.ts'
import { quiet, quietAt } from './silence.ts'
import type { Performance, Scene } from './stage/scene.ts'
import { asksFor } from './stage/request-names.ts'
import { Transcript } from './stage/transcript.ts'
import type { Item, Wire } from './stage/wire.ts'
import { Streams } from './streams.ts'
import { isAboutNames, type NamesStep } from './visits.ts'

const PATIENCE_MS = 5000

const WAKING =
  "<message type='chat' from='{waker}/conformance' to='{contact}' id='{id}-waking'><body>Wake up</body></message>"

export class Actor implements Disposable {
  readonly #stage: Scene
  readonly #performance: Performance
  #words: Words
  readonly #stack = new DisposableStack()
  readonly #streams: Streams
  readonly #atCore: Element[] = []
  readonly #transcript = new Transcript(() => performance.now())
  readonly #asked: string[] = []
  #last: Item | undefined

  constructor(stage: Scene, own: Performance, run: string) {
    const { peer, unicode } = own
    this.#stage = stage
    this.#performance = own
    const usual = stage.doorOf(own).at('usual')?.host ?? ''
    this.#words = {
      ...stage.oursFor(own),
      contact: `bob@${peer}`,
      peer,
      unicode,
      usual,
      id: run,
      serial: serialOf(stage, own),
    }
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
    if ('responds' in step || 'listed' in step) return this.#stage.publication.says(this.#performance.peer, step)
    if ('asks' in step) return this.#asks(step)
    if ('runs' in step) return this.#runs(step)
    if ('coreSays' in step) return this.#coreSays(step.coreSays, step.by)
    if ('coreHears' in step) return come(step.coreHears, this.#elsewhere('core', step.withinMs))
    if ('comesBack' in step) return come(step.comesBack, this.#elsewhere('back', step.withinMs))
    if ('inOrder' in step) return comeInOrder(step.inOrder, this.#elsewhere(step.at, step.withinMs))
    if ('logs' in step) return void (await this.#logs(step))
    if ('refers' in step) return this.#refers(step.refers)
    if ('silence' in step) return this.#silence(step)
    if (isAboutTls(step)) return performTls(step, this.#streams.secured())
    if ('opened' in step) return this.#opened(step.opened)
    if ('keeps' in step) return this.#keep(step.keeps)
    if ('peer' in step) return this.#streams[step.peer]()
    if ('gateway' in step) return this.#stage.gateway(step.gateway)
    if ('store' in step) return this.#stage.store(step.store)
    if ('logServer' in step) return this.#note(this.#stage.logServer(step))
    if ('changes' in step) return this.#stage.change(this.#performance, step.changes)
    if ('core' in step) return this.#stage.core.breaks()
    if ('copiesOf' in step) return this.#copies(step)
    if ('settles' in step) return this.#settles(step)
    if ('listens' in step) return this.#note(this.#stage.host.listens())
    if ('ownFiles' in step) return this.#note(this.#stage.host.ownFiles(step.ownFiles))
    if ('another' in step) return this.#streams.another(step.another === true ? 'offered' : step.another)
    if ('crowds' in step) return this.#stage.crowd(step.crowds)
    if ('floods' in step) return this.#note(this.#stage.flood(step.floods, step.served))
    if ('neverSaid' in step) return this.#neverSaid(step.neverSaid)
    if (isAboutNames(step)) return this.#names(step)
    await this.#hear('hear' in step ? [step.hear] : step.hearOneOf, step.withinMs ?? PATIENCE_MS)
  }

  #coreSays(stanza: string, by?: string): void {
    this.#transcript.add('core to gateway', stanza)
    this.#stage.core.say(stanza, by)
  }

  /** What has come to the core, or back to the peer. */
  #elsewhere(at: 'core' | 'back', withinMs: number | undefined): Wanted {
    return at === 'core'
      ? { heard: this.#atCore, where: 'reached the core', withinMs }
      : { heard: this.#streams.back.heard, where: 'came back', withinMs }
  }

  async #logs({ logs, without = [], ...o }: Extract<Step, { logs: unknown }>): Promise<Logged> {
    const lines = (): readonly string[] => this.#stage.logOf(this.#performance)
    const line = await logged(lines, logs, o)
    const words = without.find((word) => lines().some((one) => one.includes(word)))
    if (words !== undefined) throw violated(`it has logged ${words}`)
    return line
  }

  #copies({ copiesOf, at, times }: Extract<Step, { copiesOf: unknown }>): void {
    const { heard, where } = this.#elsewhere(at, undefined)
    const count = heard.filter((one) => differs(one, copiesOf) === undefined).length
    if (count !== times) throw violated(`${inWords(copiesOf)} ${where} ${count} times instead of ${times}`)
  }

  #settles({ settles, inDoubt, withinMs }: Extract<Step, { settles: unknown }>): Promise<void> {
    const [core, back] = [this.#atCore, this.#streams.back.heard]
    return this.#note(settled(settles, { core, back, inDoubt }, withinMs))
  }

  async #note(look: Promise<string>): Promise<void> {
    this.#transcript.add('note', await look)
  }

  #asks({ asks, times }: Extract<Step, { asks: unknown }>): void {
    const asked = this.#stage.publication.asked(this.#performance.peer, asks)
    this.#transcript.add('note', `the ${asks} was asked ${asked} times`)
    if (asked !== times) throw violated(`the ${asks} was asked ${asked} times instead of ${times}`)
  }

  async #refers(wanted: Attributes): Promise<void> {
    const { reference } = await this.#logs({ logs: wanted })
    if (typeof reference !== 'string') throw violated('what it has logged has no reference')
    this.#words = { ...this.#words, reference }
  }

  #silence({ silence, at, of }: Extract<Step, { silence: number }>): Promise<void> {
    if (at === 'peer') return quiet(this.#stream, silence, of)
    return quietAt(at === 'core' ? at : 'peer', this.#elsewhere(at, undefined).heard, silence, of)
  }

  async #runs({ runs, live, ends, says, ...o }: Extract<Step, { runs: unknown }>): Promise<void> {
    const { code, said: text } = live
      ? await this.#stage.runLive(runs, o.types)
      : await this.#stage.runInCopy({ command: runs, without: o.without, open: o.open, spoiled: o.spoiled })
    this.#transcript.add('note', `${runs.join(' ')} ended with ${code ?? 'nothing'}: ${text.slice(0, 2000)}`)
    if (code === undefined) throw violated(`${runs.join(' ')} did not end`)
    if ((code === 0) !== (ends === 'well')) throw violated(`${runs.join(' ')} ended with ${code}`)
    const missing = says.find((words) => !text.includes(words))
    if (missing !== undefined) throw violated(`${runs.join(' ')} says nothing of ${missing}`)
    if (o.requests) this.#transcript.add('note', asksFor(text, o.requests))
    const wrong = o.lacks?.find((words) => text.includes(words))
    if (wrong !== undefined) throw violated(`${runs.join(' ')} says ${wrong}`)
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
    const toOne = (domain: number): string =>
      filled(WAKING, { ...this.#words, contact: `bob@n${domain}.${this.#performance.peer}` })
    if ('retries' in step) return this.#note(retried(step, visits, (n) => this.#stage.core.say(toOne(n))))
    for (let count = 1; count <= step.over; count++) this.#coreSays(toOne(count))
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
    const [first] = choices
    if (choices.length === 1 && first?.kind === 'closed') return this.#closed(ms, first.inOrder)
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

  async #closed(ms: number, inOrder?: true): Promise<void> {
    if (!(await this.#stream.isClosedWithin(ms))) throw violated(`the connection was not closed within ${ms} ms`)
    const { disorder } = this.#stream
    if (inOrder && disorder !== undefined) throw violated(disorder)
  }
}

/** The number of what the peer shows, as it is told everywhere: hexadecimal, without zeros before it. */
function serialOf(stage: Scene, own: Performance): string {
  // DER of an integer: its tag and its length stand before it.
  const { serial } = stage.shownBy(own) ?? {}
  return serial ? serial.subarray(2).toString('hex').replace(/^0+/, '').toUpperCase() : ''
}
