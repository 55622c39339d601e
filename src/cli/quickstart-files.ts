// The files that `quickstart` makes: settings, keys with signing requests (or evaluation certificates), the internal CA.

import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { issueEvaluation, makeEvaluationCa, makeKeyAndCsr } from '../trust/evaluation.ts'
import { makeSecret } from '../trust/secret.ts'
import { openInternalCa } from '../trust/internal-ca.ts'
import { INTERNAL_CA } from './check-certificates.ts'
import { connectionsOf } from './component-lines.ts'
import { CommandError } from './errors.ts'
import type { NewFiles } from './new-files.ts'
import { DIRECT_PORT, hostPort, type Plan } from './quickstart-plan.ts'
import { describeGateway } from '../config/describe.ts'
import { policyFile, remoteListeners } from './remote-lines.ts'

const CORE_TRUST = join('certs', 'core', 'ca.pem')
const CORE_SECRET = join('certs', 'core', 'secret')
const EVALUATION_CA = join('certs', 'evaluation', 'ca.pem')

export interface Surroundings {
  readonly directory: string
  readonly now: () => number
}

/** Makes everything; the caller undoes it when this rejects. Gives back the secret of a component, empty without one. */
export async function makeInstallation(
  files: NewFiles,
  plan: Plan,
  { directory, now }: Surroundings,
): Promise<{ readonly secret: string }> {
  await files.directory('federation-config')
  await files.directory(join('federation-config', 'partners'))
  await files.directory('certs', 0o700)
  await files.directory('var', 0o700)
  if (plan.evaluation) await makeEvaluationCertificates(files, plan, now())
  else
    for (const domain of plan.domains) await makeRequest(files, domain, domain === plan.domains[0] ? plan : undefined)
  await makeInternalCa(files, plan, { directory, now })
  const secret = plan.component ? await componentSecret(files) : ''
  const trust = plan.component && !plan.remote ? undefined : await coreTrust(files, plan)
  await files.file(join('federation-config', 'gateway.yaml'), gatewayFile(plan, trust))
  if (plan.remote) await files.file(join('federation-config', 'policy.yaml'), policyFile(plan))
  return { secret }
}

async function componentSecret(files: NewFiles): Promise<string> {
  const secret = makeSecret()
  await files.directory(join('certs', 'core'))
  await files.file(CORE_SECRET, `${secret}\n`, 0o600)
  return secret
}

/** `plan`: of the domain by which browsers know the gateway's own name too. */
async function makeRequest(files: NewFiles, domain: string, plan: Plan | undefined): Promise<void> {
  const more = plan?.remote?.websocket ? [plan.host] : []
  const { key, csr } = await makeKeyAndCsr(domain, more)
  await files.directory(join('certs', domain), 0o700)
  await files.file(join('certs', domain, 'privkey.pem'), key, 0o600)
  await files.file(join('certs', domain, 'request.csr'), csr)
}

async function makeEvaluationCertificates(files: NewFiles, { domains }: Plan, now: number): Promise<void> {
  const ca = await makeEvaluationCa({ now })
  await files.file(EVALUATION_CA, ca.certificatePem)
  await files.file(join('certs', 'evaluation', 'ca.key'), ca.keyPem, 0o600)
  for (const domain of domains) {
    const { fullchain, privkey } = await issueEvaluation(ca, { domains: [domain], now })
    await files.directory(join('certs', domain), 0o700)
    await files.file(join('certs', domain, 'privkey.pem'), privkey, 0o600)
    await files.file(join('certs', domain, 'fullchain.pem'), fullchain)
  }
}

async function makeInternalCa(files: NewFiles, { domains }: Plan, { directory, now }: Surroundings): Promise<void> {
  await files.directory(INTERNAL_CA, 0o700)
  // One that is there already is used, and is not ours to take away again.
  await files.adopt(join(INTERNAL_CA, 'ca.pem'))
  await files.adopt(join(INTERNAL_CA, 'ca.key'))
  const { ca, findings } = await openInternalCa({ directory: join(directory, INTERNAL_CA), excludes: domains, now })
  if (ca === undefined)
    throw new CommandError(
      'conflict',
      findings[0]?.message ?? 'the internal CA cannot be made',
      `Look at ${INTERNAL_CA}.`,
    )
}

/** Copies what proves the core, so that the installation is whole; returns how the settings name it. */
async function coreTrust(files: NewFiles, { coreTrust: given, evaluation }: Plan): Promise<string> {
  if (given === undefined) {
    if (evaluation) return EVALUATION_CA
    await files.directory(join('certs', 'core'))
    return CORE_TRUST
  }
  if ('pin' in given) return given.pin
  const pem = await readFile(resolve(given.file), 'utf8')
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CommandError(
      'bad-input',
      `${given.file} holds no certificate in PEM`,
      'Give --core-trust the CA or the certificate of the core, in PEM, or a pin.',
    )
  }
  await files.file(CORE_TRUST, pem)
  return CORE_TRUST
}

function gatewayFile(plan: Plan, trust: string | undefined): string {
  const { domains, core, component, plaintextNetworks, coreNetworks, listen, inner, evaluation, directTls } = plan
  const clients = plan.remote && {
    address: hostPort(plan.remote.clients),
    // A component core is known by its secret, and its clients' port by its certificate.
    ...(component && trust !== undefined ? { trust } : {}),
  }
  const outer = listen.host === undefined ? {} : { host: listen.host }
  return describeGateway({
    domains: Object.fromEntries(domains.map((domain) => [domain, {}])),
    core: {
      address: hostPort(core),
      ...(trust === undefined || component ? {} : { trust }),
      ...(component ? { protocol: 'component', secretFile: CORE_SECRET, connections: connectionsOf(component) } : {}),
      ...(plaintextNetworks.length === 0 ? {} : { plaintextNetworks: [...plaintextNetworks] }),
      ...(coreNetworks.length === 0 ? {} : { networks: [...coreNetworks] }),
      ...(clients ? { clients } : {}),
    },
    listen: {
      federation: [
        { ...outer, port: listen.port },
        ...(directTls ? [{ ...outer, port: DIRECT_PORT, tls: 'direct' as const }] : []),
      ],
      ...(inner === undefined ? {} : { core: [inner] }),
      ...(plan.remote ? { remote: remoteListeners(plan) } : {}),
    },
    ...(evaluation ? { trust: { anchors: [EVALUATION_CA] } } : {}),
  })
}
