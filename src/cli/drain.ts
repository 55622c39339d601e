// `sallyport drain`: the gateway goes out of service, so that it can be stopped without anybody noticing.

import { drain } from '../admin/drain.ts'
import { status } from '../admin/status.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { count } from './text.ts'

const ASK_MS = 500

export const drainCommand: Command = {
  name: 'drain',
  about: 'Take the gateway out of service: not ready at once, then streams close one after another.',
  options: {
    undo: { about: 'Back into service.' },
    wait: { about: 'Return only when nothing is left.' },
  },
  notes: [
    'New streams are refused with <system-shutdown/>, and what waits is sent back; `sallyport status` shows how far it is.',
    'Exit code 1: the gateway is not in the state that was asked for, because somebody else changed it meanwhile.',
  ],
  async run(context) {
    const { ask, output, arguments: words } = context
    const undo = words.flag('undo')
    const begun = await ask(drain, { undo })
    const done = words.flag('wait') && !undo ? await finished(context, begun) : begun
    const { state } = done.service
    output.answer(done, () => {
      if (state === 'serving') output.line('in service: peers may open streams, and the gateway says that it is ready')
      else if (state === 'drained')
        output.line('drained: nothing is left; stop the gateway, or `sallyport drain --undo`')
      else output.line(`draining: ${count(done.streams, 'stream')} left; \`sallyport status\` shows how far it is`)
    })
    return (state === 'serving') === undo ? EXIT.fine : EXIT.finding
  },
}

type Answer = Awaited<ReturnType<typeof drain.run>>

/** Asks until nothing is left, or somebody has called it off. */
async function finished({ ask }: CommandContext, begun: Answer): Promise<Answer> {
  let answer = begun
  while (answer.service.state === 'draining') {
    await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    const { service, streams } = await ask(status, {})
    answer = { service, streams: streams.length }
  }
  return answer
}
