// `sallyport demo`: plays a conversation through the running evaluation set-up and says, line by line, what crossed and
// why what did not. Ends with 0 only if all was as it should be.

import { labEvents, labLogIn, labSend, type LabNews } from '../admin/lab.ts'
import { conversation, type Ending, type Scene } from '../lab/conversation.ts'
import { fromOutside, type LogIn, LOG_INS } from '../lab/from-outside.ts'
import { readResidents } from '../lab/residents.ts'
import { isEnding, isTurnedBack, readTurnedBack } from '../lab/turned-back.ts'
import type { Command, CommandContext } from './command.ts'
import { type Act, PATIENCE_MS, reasonOf, type Result, show, tell } from './demo-acts.ts'
import { playCases } from './demo-cases.ts'

export const demo: Command = {
  name: 'demo',
  noNotice: true,
  about: 'Plays a conversation through the running evaluation set-up and explains what crossed and what did not.',
  notes: [
    'Start the gateway first: npm start, in another terminal.',
    'Where that was npm start -- --example NAME, it plays the cases of that example, from federation-config/examples/NAME/cases/.',
    'Exit code 0: all was as it should be. 1: it was not.',
  ],
  async run(context) {
    const { output, directory } = context
    const residents = await readResidents(directory)
    if (residents.example !== undefined) return playCases(context, residents.example, residents)
    const run = `demo-${context.now().toString(36)}`
    const acts: Act[] = []
    for (const scene of [...conversation(run), ...LOG_INS, ...fromOutside(run)]) {
      const act = 'user' in scene ? await logIn(context, scene) : await play(context, scene)
      acts.push(act)
      if (!output.json) show(output, act)
    }
    return tell(output, acts)
  },
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

const missing = (ending: Ending): Result => ({
  fine: false,
  words: `nothing within ${PATIENCE_MS / 1000} s; expected: ${expected(ending)}`,
})

function expected(ending: Ending): string {
  if (ending.kind === 'arrives') return ending.says
  const way = ending.kind === 'stream' ? 'stream closed' : 'sent back'
  return `${way} with ${ending.condition}, ${ending.reason}`
}
