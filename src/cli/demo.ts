// `sallyport demo`: plays a conversation through the running evaluation set-up and says, line by line, what crossed and
// why what did not. Ends with 0 only if all was as it should be.

import { labEvents, labLogIn, labSend, type LabNews } from '../admin/lab.ts'
import { why } from '../admin/decisions.ts'
import { OperationError } from '../admin/operation.ts'
import { conversation, type Ending, type Scene } from '../lab/conversation.ts'
import { fromOutside, type LogIn, LOG_INS } from '../lab/from-outside.ts'
import { isEnding, isTurnedBack, readTurnedBack } from '../lab/turned-back.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { tone, type Output } from './output.ts'

/** How long the gateway may take over one line of the conversation. */
const PATIENCE_MS = 10_000

export const demo: Command = {
  name: 'demo',
  about: 'Plays a conversation through the running evaluation set-up and explains what crossed and what did not.',
  notes: [
    'Start the gateway first: npm start, in another terminal.',
    'Exit code 0: all was as it should be. 1: it was not.',
  ],
  async run(context) {
    const { output } = context
    const run = `demo-${context.now().toString(36)}`
    const acts: Act[] = []
    for (const scene of [...conversation(run), ...LOG_INS, ...fromOutside(run)]) {
      const act = 'user' in scene ? await logIn(context, scene) : await play(context, scene)
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
    // What should come is looked for first: it may itself be an error that came back.
    const look = (): LabNews | undefined =>
      seen.find((news) => isEnding(news, ending, scene)) ?? seen.find((news) => isTurnedBack(news, ending, scene))
    let found = look()
    while (!found && performance.now() - began < PATIENCE_MS) {
      const { events } = await context.ask(labEvents, { after, waitMs: 1000 })
      seen.push(...events)
      after = events.at(-1)?.number ?? after
      found = look()
    }
    const ms = Math.round(performance.now() - began)
    if (!found) results.push(missing(ending))
    else if (ending.kind === 'arrives' && isEnding(found, ending, scene))
      results.push({ fine: true, words: `${ending.says} (${ms} ms)` })
    else results.push(await judge(context, ending, found))
  }
  return { title: scene.title, results }
}

async function logIn(context: CommandContext, { title, user, password, refused }: LogIn): Promise<Act> {
  const began = performance.now()
  const { address, condition, detail = '' } = await context.ask(labLogIn, { user, password })
  const ms = Math.round(performance.now() - began)
  const came =
    address === undefined ? `refused with ${condition ?? `no condition: ${detail}`}` : `logged in as ${address}`
  const fine = refused === undefined ? address !== undefined : address === undefined && condition === refused
  const wanted = refused === undefined ? 'logged in' : `refused with ${refused}`
  return { title, results: [{ fine, words: fine ? `${came} (${ms} ms)` : `${came} (expected: ${wanted})` }] }
}

/** It was turned back: should it have been, in this way, and for this reason? */
async function judge(context: CommandContext, ending: Ending, news: LabNews): Promise<Result> {
  const { by, condition, reference, text } = readTurnedBack(news)
  const how = `${by === 'stream' ? 'stream closed' : 'sent back'} with ${condition ?? 'no condition'}`
  if (reference === undefined)
    return { fine: false, words: `${how} and without a reference: ${text} (expected: ${expected(ending)})` }
  const { reason, cause } = await reasonOf(context, reference)
  const fine =
    ending.kind === (by === 'stream' ? 'stream' : 'error') && condition === ending.condition && reason === ending.reason
  const instead = fine ? '' : ` (expected: ${expected(ending)})`
  return { fine, reference, words: `${how} — ${cause} [${reference}]${instead}` }
}

/** What is on record about a reference, or why nothing is. */
async function reasonOf(
  { ask }: CommandContext,
  reference: string,
): Promise<{ readonly reason: string | undefined; readonly cause: string }> {
  try {
    const { record, reason } = await ask(why, { reference })
    const cause = reason ? `${reason.id} ${reason.name}: ${reason.means}` : 'no reason on record'
    return { reason: record.reason, cause }
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== 'not-found') throw error
    return { reason: undefined, cause: error.message }
  }
}

const missing = (ending: Ending): Result => ({
  fine: false,
  words: `nothing within ${PATIENCE_MS / 1000} s; expected: ${expected(ending)}`,
})

function expected(ending: Ending): string {
  if (ending.kind === 'arrives') return ending.says
  const way = ending.kind === 'stream' ? 'stream closed' : 'sent back'
  return `${way} with ${ending.condition}, ${ending.reason}`
}
