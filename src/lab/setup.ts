// Makes the evaluation set-up in a fresh checkout: certificates, settings and partner files with which the gateway and
// the embedded lab run on loopback, without root and without any other server.

import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type EvaluationCa, issueEvaluation, makeEvaluationCa } from '../trust/evaluation.ts'
import {
  CLIENT_PORT,
  CORE,
  CORE_PORT,
  FEDERATION_PORT,
  LAB_CERTS,
  LAB_HOST,
  PARTNERS,
  type Place,
  REMOTE,
  REMOTE_PORT,
  WEBSOCKET,
} from './places.ts'

/**
 * Writes the set-up below `root`; takes away what it wrote when it fails.
 *
 * @param root the directory that holds `federation-config/` and `certs/`
 * @param now milliseconds since 1970
 * @param host the loopback address that everything listens on
 * @returns the files written, relative to `root`
 */
export async function makeEvaluation(root: string, now: number, host = LAB_HOST): Promise<readonly string[]> {
  return makeFiles(root, async (write) => {
    const ca = await makeEvaluationCa({ now })
    await write(join(LAB_CERTS, 'ca.pem'), ca.certificatePem)
    for (const { certificate, domain } of [CORE, ...PARTNERS])
      await writePair(write, join(LAB_CERTS, domain), ca, { domains: [certificate ?? domain], now })
    await writePair(write, join('certs', CORE.domain), ca, { domains: [CORE.domain], now })
    for (const place of PARTNERS)
      await write(`federation-config/partners/${place.domain}.yaml`, partnerFile(place, host))
    await write('federation-config/policy.yaml', policyFile())
    await write('federation-config/gateway.yaml', gatewayFile(host)) // Last: with this file the set-up counts as made.
  })
}

/** Writes a new file below the root. */
export type Write = (name: string, content: string | Buffer, mode?: number) => Promise<void>

/** Makes files of a set-up, all or none. @returns their names, relative to `root` */
export async function makeFiles(root: string, make: (write: Write) => Promise<void>): Promise<readonly string[]> {
  const written: string[] = []
  try {
    await make(async (name, content, mode = 0o644) => {
      const file = join(root, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content, { mode, flag: 'wx' })
      written.push(name)
    })
    await chmod(join(root, LAB_CERTS), 0o700)
    return written
  } catch (error) {
    for (const name of written) await rm(join(root, name), { force: true })
    throw error
  }
}

/** A certificate with its key, in a folder. */
export async function writePair(
  write: Write,
  folder: string,
  ca: EvaluationCa,
  content: Parameters<typeof issueEvaluation>[1],
): Promise<void> {
  const { fullchain, privkey } = await issueEvaluation(ca, content)
  await write(join(folder, 'fullchain.pem'), fullchain)
  await write(join(folder, 'privkey.pem'), privkey, 0o600)
}

function gatewayFile(host: string): string {
  return `# An evaluation set-up: everything on loopback, with certificates that nobody should trust and a lab of servers to
# talk to. \`npx sallyport demo\` plays a conversation through it. To begin in earnest, move federation-config/ and
# certs/ away and run \`npx sallyport quickstart <your domain> --core <host:port>\`.

evaluation: true                      # runs the embedded lab; refused on any address but loopback

domains:                              # what we speak for; each name has its own certificate below certs/
  ${CORE.domain}: {}

core:                                 # the internal server: here the lab's
  protocol: s2s
  address: "${host.includes(':') ? `[${host}]` : host}:${CORE.port}"
  trust: certs/lab/ca.pem             # who may be the core
  clients: { address: "${host.includes(':') ? `[${host}]` : host}:${CLIENT_PORT}", tls: none }   # where users log in; plaintext stays on this machine

listen:
  federation: [{ host: ${host}, port: ${FEDERATION_PORT} }]   # partners connect here
  core: [{ host: ${host}, port: ${CORE_PORT} }]         # the core connects here, for every outside domain
  remote: [{ host: ${host}, port: ${REMOTE_PORT}, websocket: ${WEBSOCKET} }]   # remote users connect here

trust:
  anchors: [certs/lab/ca.pem]         # whose certificates prove a partner's name
`
}

function policyFile(): string {
  return `# Who of ours may log in from outside; everybody else may not.
remote:
  grants:
    - to: [${REMOTE.user}@${CORE.domain}]
      purpose: The remote user of the demonstration
`
}

function partnerFile({ domain, port, status, purpose }: Place, host: string): string {
  return `# ${purpose}.
domain: ${domain}
status: ${status}
connect: [{ host: ${host}, port: ${port} }]   # instead of asking DNS
owner: it-security@${CORE.domain}
purpose: ${purpose}
`
}
