// `sallyport demo`: plays a conversation through the running evaluation set-up and says, line by line, what crossed and
// why what did not. Ends with 0 only if all was as it should be.

import { labEvents, labSend, type LabNews } from '../admin/lab.ts'
import { why } from '../admin/decisions.ts'
import { conversation, type Ending, type Scene } from '../lab/conversation.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { tone, type Output } from './output.ts'

/** How long the gateway may take over one line of the conversation. */
const PATIENCE_MS = 10_000
const REFERENCE = /[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}/

export const demo: Command = {
  name: 'demo',
  about: 'Plays a conversation through the running evaluation set-up and explains what crossed and what did not.',
  notes: [
    'Start the gateway first: npm start, in another terminal.',
    'Exit code 0: all was as it should be. 1: it was not.',
  ],
  async run(context) {
    const { output } = context
    const scenes = conversation(`demo-${context.now().toString(36)}`)
    const acts: Act[] = []
    for (const scene of scenes) {
      const act = await play(context, scene)
      acts.push(act)
      if (!output.json) show(output, act)
    }
    const wrong = acts.filter((act) => !isFine(act)).length
    output.answer({ fine: wrong === 0, scenes: acts }, () => {
      output.line('')
      if (wrong === 0) output.line(tone('good', `All ${acts.length} scenes as they should be.`))
      else output.line(tone('bad', `${wrong} of ${acts.length} scenes not as they should be.`))
      output.line('More on any refusal: npx sallyport why <reference>. What is up now: npx sallyport status.')
    })
    return wrong === 0 ? EXIT.fine : EXIT.finding
  },
}

interface Act {
  readonly title: string
  readonly results: readonly Result[]
}

interface Result {
  readonly fine: boolean
  readonly words: string
  readonly reference?: string
}

const isFine = (act: Act): boolean => act.results.every(({ fine }) => fine)

function show(output: Output, act: Act): void {
  output.line(isFine(act) ? tone('good', '✔ ') : tone('bad', '✘ '), act.title)
  for (const { fine, words } of act.results) output.line('    ', fine ? tone('quiet', words) : tone('bad', words))
}

async function play(context: CommandContext, scene: Scene): Promise<Act> {
  const began = performance.now()
  const { lastEvent } = await context.ask(labSend, { domain: scene.at, stanza: scene.stanza })
  const seen: LabNews[] = []
  const results: Result[] = []
  let after = lastEvent
  for (const ending of scene.ends) {
    let found = seen.find((news) => isEnding(news, ending, scene))
    while (!found && performance.now() - began < PATIENCE_MS) {
      const { events } = await context.ask(labEvents, { after, waitMs: 1000 })
      seen.push(...events)
      after = events.at(-1)?.number ?? after
      found = seen.find((news) => isEnding(news, ending, scene))
    }
    results.push(found ? await judge(context, ending, found, performance.now() - began) : missing(ending))
  }
  return { title: scene.title, results }
}

function isEnding(news: LabNews, ending: Ending, scene: Scene): boolean {
  if (news.domain !== ending.at) return false
  if (ending.kind === 'stream') return news.kind === 'refused'
  if (news.kind !== 'received') return false
  if (ending.kind === 'arrives') return ending.like.test(news.stanza)
  const id = / id='([^']*)'/.exec(scene.stanza)?.[1] ?? ''
  return news.stanza.includes('type="error"') && news.stanza.includes(`id="${id}"`)
}

/** Something came: is it what should have come, and for the right reason? */
async function judge(context: CommandContext, ending: Ending, news: LabNews, ms: number): Promise<Result> {
  if (ending.kind === 'arrives') return { fine: true, words: `${ending.says} (${Math.round(ms)} ms)` }
  const text = news.kind === 'received' ? news.stanza : `${news.condition ?? ''} ${news.detail}`
  const reference = REFERENCE.exec(text)?.[0]
  if (reference === undefined) return { fine: false, words: `refused without a reference: ${text}` }
  const { record, reason } = await context.ask(why, { reference })
  const cause = reason ? `${reason.id} ${reason.name}: ${reason.means}` : 'no reason on record'
  const way = ending.kind === 'stream' ? 'stream closed' : 'sent back'
  const fine = text.includes(ending.condition) && record.reason === ending.reason
  const expected = fine ? '' : ` (expected ${ending.condition}, ${ending.reason})`
  return { fine, reference, words: `${way} with ${ending.condition} — ${cause} [${reference}]${expected}` }
}

function missing(ending: Ending): Result {
  const what = ending.kind === 'arrives' ? ending.says : `a refusal with ${ending.condition} (${ending.reason})`
  return { fine: false, words: `nothing within ${PATIENCE_MS / 1000} s; expected: ${what}` }
}
