// `sallyport check`: what keeps the gateway from doing its job, or soon will, each with the instruction that mends it.
// Works on the files; with a gateway running it also asks that one. `--online` looks at DNS and at the core.

import { join } from 'node:path'
import { NoGateway } from '../admin/client.ts'
import type { StatusOutput } from '../admin/schemas.ts'
import { status } from '../admin/status.ts'
import type { Finding } from '../config/finding.ts'
import { loadConfig } from '../config/load.ts'
import { Resolver } from '../net/resolve.ts'
import { checkCertificates } from './check-certificates.ts'
import { checkClients } from './check-clients.ts'
import { checkClock } from './check-clock.ts'
import { checkComponents } from './check-components.ts'
import { checkCore } from './check-core.ts'
import { checkGroups } from './check-groups.ts'
import { checkListeners } from './check-listeners.ts'
import { checkLogServers } from './check-log-servers.ts'
import { checkOnline } from './check-online.ts'
import { checkResponders } from './check-responders.ts'
import { checkGranted, checkRemote } from './check-remote.ts'
import { checkWaysIn } from './check-ways-in.ts'
import type { Checked, Severity } from './checked.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { tone, type Output, type Tone } from './output.ts'
import { count } from './text.ts'

export const checkCommand: Command = {
  name: 'check',
  about:
    'Check the configuration, certificates, listeners and (with --online) DNS, OCSP responders and the core; say how to mend what is wrong.',
  options: {
    online: {
      about:
        'Also look up our domains in DNS, read their host-meta where there is a WebSocket, ask OCSP responders about our certificates, read groups from directories, knock at the core and at log servers, and ask time servers how far our clock is off.',
    },
    strict: { about: 'Let warnings count as findings for the exit code.' },
  },
  notes: [
    'Exit code 78: the configuration is faulty. 1: something else is wrong. 0: no errors (with --strict: no warnings either).',
  ],
  async run(context) {
    const { output, arguments: words, directory, now } = context
    const running = await runningStatus(context)
    const { settings, partners, findings } = await loadConfig(join(directory, 'federation-config'), { now: now() })
    const checked: Checked[] = findings.map(fromFinding)
    if (settings !== undefined) {
      checked.push({
        area: 'configuration',
        severity: 'ok',
        subject: 'federation-config',
        message: `${count(settings.domains.length, 'domain')} of ours, ${count(partners.length, 'partner')}`,
      })
      checked.push(...(await checkCertificates({ settings, partners, directory, now })))
      checked.push(...(await checkListeners(settings, running)))
      checked.push(...(await checkGroups({ settings, online: words.flag('online') })))
      checked.push(...checkGranted(settings))
      // Who uses an evaluation set-up is on this host.
      if (!words.flag('online') || settings.evaluation) checked.push(...checkRemote(settings))
      if (words.flag('online')) {
        const online = await checkOnline(settings)
        checked.push(...online, ...(await checkResponders({ settings, now })), ...(await checkLogServers(settings)))
        checked.push(...(await checkClock({ settings, now })))
        const answers = online.some(({ area, severity }) => area === 'core' && severity === 'ok')
        if (answers && settings.core.component) {
          checked.push(...(await checkComponents({ settings, partners, directory, now, running })))
        } else if (answers) checked.push(...(await checkCore({ settings, directory, now })))
        const clients = await checkClients({ settings, directory, now })
        checked.push(...clients.checked)
        const resolver = new Resolver(settings.dns)
        if (!settings.evaluation) checked.push(...(await checkWaysIn({ settings, users: clients.users, resolver })))
      }
    }
    if (running !== undefined && running.findings.some(({ severity }) => severity === 'error'))
      checked.push(OLDER_SETTINGS)
    const errors = checked.filter(({ severity }) => severity === 'error').length
    const warnings = checked.filter(({ severity }) => severity === 'warning').length
    output.answer({ errors, warnings, running: running !== undefined, checks: checked }, () => {
      show(output, checked)
      output.line()
      const verdict = errors > 0 ? tone('bad', count(errors, 'error')) : tone('good', 'no errors')
      output.line(
        verdict,
        warnings > 0 ? tone('careful', `, ${count(warnings, 'warning')}`) : '',
        running === undefined ? '; no gateway is running here' : '; a gateway is running here',
      )
      if (!words.flag('online'))
        output.line(
          tone('quiet', 'DNS, the core, log servers and OCSP responders were not asked; add --online for that.'),
        )
    })
    if (settings === undefined) return EXIT.configuration
    return errors > 0 || (words.flag('strict') && warnings > 0) ? EXIT.finding : EXIT.fine
  },
}

const OLDER_SETTINGS: Checked = {
  area: 'configuration',
  severity: 'error',
  subject: 'the running gateway',
  message: 'keeps older settings, because the files on disk are faulty',
  act: 'Mend the files; it takes them over by itself.',
}

async function runningStatus({ ask }: CommandContext): Promise<StatusOutput | undefined> {
  try {
    return await ask(status, {})
  } catch (error) {
    if (error instanceof NoGateway) return undefined
    throw error
  }
}

function fromFinding(finding: Finding): Checked {
  const { file, line, message, path, severity } = finding
  return {
    area: 'configuration',
    severity,
    subject: line === undefined ? file : `${file}:${line}`,
    message: path === '' ? message : `${path}: ${message}`,
  }
}

const AREAS: Readonly<Record<Checked['area'], string>> = {
  configuration: 'Configuration',
  certificates: 'Certificates and trust',
  groups: 'Groups of directories',
  core: 'Core',
  listeners: 'Listeners',
  remote: 'Remote users',
  dns: 'DNS of our domains',
  log: 'Log servers',
  clock: 'Clock of this host',
}

const MARKS: Readonly<Record<Severity, readonly [Tone, string]>> = {
  ok: ['good', 'ok       '],
  warning: ['careful', 'warning  '],
  error: ['bad', 'ERROR    '],
}

function show(output: Output, checked: readonly Checked[]): void {
  for (const [area, title] of Object.entries(AREAS)) {
    const here = checked.filter((item) => item.area === area)
    if (here.length === 0) continue
    output.heading(title)
    for (const { severity, subject, message, act } of here) {
      output.line('  ', tone(...MARKS[severity]), subject === '' ? '' : `${subject}: `, message)
      if (act !== undefined) output.paragraph(act, '           ')
    }
  }
}
