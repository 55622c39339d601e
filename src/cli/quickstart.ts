// `sallyport quickstart <domain> --core host:port`: from nothing to an installation that only lacks a certificate. Makes
// the files, and prints what has to be done elsewhere: DNS, firewall, the core server, the CA.

import { join } from 'node:path'
import { stat } from 'node:fs/promises'
import { hasErrors } from '../config/finding.ts'
import { loadConfig } from '../config/load.ts'
import { CORE_KINDS } from './core-lines.ts'
import { DNS_VIEWS } from './dns-view.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { CommandError } from './errors.ts'
import { showFindings } from './findings.ts'
import { NewFiles } from './new-files.ts'
import { makeInstallation } from './quickstart-files.ts'
import { instructions, showInstructions } from './quickstart-instructions.ts'
import { readPlan, type Plan } from './quickstart-plan.ts'
import { tone, type Output } from './output.ts'

export const quickstartCommand: Command = {
  name: 'quickstart',
  noNotice: true,
  about:
    'Make an installation for a domain: settings, key and signing request, internal CA; print DNS records, firewall rules and the lines for the core. Overwrites nothing.',
  positionals: [{ name: 'domain', about: 'what you speak for, such as corp.example' }],
  options: {
    core: { value: 'HOST:PORT', about: 'Where this gateway reaches your internal server.' },
    'core-kind': { value: 'KIND', about: `${CORE_KINDS.join(', ')}: which lines to print (default: all).` },
    'dns-view': {
      value: 'KIND',
      about: `${DNS_VIEWS.join(', ')}: who serves the core's view of DNS (default: dnsmasq).`,
    },
    'direct-tls': { about: 'Listen for direct TLS too, on port 5270 (XEP-0368).' },
    remote: {
      about:
        'Let remote users in: listeners for their clients on ports 5222 and 5223, and an example of a grant in policy.yaml.',
    },
    websocket: { about: 'With --remote: clients in browsers too, on port 443 (RFC 7395).' },
    'core-clients': {
      value: 'HOST:PORT',
      about: 'With --remote: where clients of the core connect (default: port 5222 of its host).',
    },
    'core-protocol': {
      value: 's2s|component',
      about:
        'Be a server beside the core (default), or its component (XEP-0114; with --core-kind prosody or ejabberd).',
    },
    'plaintext-network': {
      value: 'CIDR',
      about: 'A network of yours in which a component core may be met without TLS (always: loopback).',
      many: true,
    },
    'core-trust': {
      value: 'FILE|PIN',
      about:
        'Who may be the core: a PEM file with its CA or certificate, or sha256/… (default: certs/core/ca.pem, to be put there).',
    },
    'core-network': { value: 'CIDR', about: 'From where the core connects (default: its own address).', many: true },
    conference: { value: 'NAME', about: 'A room service of yours, such as conference.corp.example.', many: true },
    listen: { value: 'ADDRESS', about: 'The outer address, for partners (default: all).' },
    inner: {
      value: 'ADDRESS',
      about: 'The inner address, for the core; needs --listen (default: the core uses the same listener).',
    },
    host: { value: 'NAME', about: "This gateway's name in public DNS (default: xmpp.<domain>)." },
    evaluation: {
      about: 'For trying it out: evaluation certificates instead of a signing request, everything on loopback.',
    },
    'self-signed': { about: 'The same as --evaluation.' },
  },
  async run(context) {
    const plan = readPlan(context.arguments)
    await refuseToOverwrite(context.directory)
    const files = new NewFiles(context.directory)
    let secret: string
    try {
      secret = (await makeInstallation(files, plan, { directory: context.directory, now: context.now })).secret
      await proveSettings(context)
    } catch (error) {
      await files.undo()
      throw error
    }
    return tell(context, files.made, plan, secret)
  },
}

function tell({ output }: CommandContext, made: readonly string[], plan: Plan, secret: string): number {
  const told = instructions(plan, secret)
  output.answer({ files: made, ...told }, () => {
    showMade(output, made, plan)
    showInstructions(output, told)
  })
  return EXIT.fine
}

async function refuseToOverwrite(directory: string): Promise<void> {
  const file = join('federation-config', 'gateway.yaml')
  if ((await stat(join(directory, file)).catch(() => undefined)) === undefined) return
  throw new CommandError(
    'conflict',
    `there is a ${file} already, and it stays as it is`,
    'Edit it and run `sallyport check`, or choose another directory with --directory.',
  )
}

/** What was just written must be what the gateway accepts; anything else is our mistake. */
async function proveSettings({ directory, output }: CommandContext): Promise<void> {
  const { findings } = await loadConfig(join(directory, 'federation-config'))
  if (!hasErrors(findings)) return
  if (!output.json) showFindings(output, findings)
  throw new CommandError(
    'faulty-configuration',
    'these settings do not go together; nothing was kept',
    'Mend what is named and run the command again.',
    EXIT.configuration,
  )
}

function showMade(output: Output, made: readonly string[], plan: Plan): void {
  output.line(tone('strong', `An installation for ${plan.domains.join(', ')}`))
  output.line()
  for (const file of made) output.line('  ', tone('good', 'made '), file)
}
