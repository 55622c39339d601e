// The bill of materials of a release in CycloneDX 1.6: what `package-lock.json` says is installed to run it, and what Node
// brings along.
//
// Rule: the same release on the same Node has the same bill, to the byte, so that its digest names it: no time, no chance.

import { uuidOf } from './uuid.ts'

/** A package as the lock file has it, as far as the bill wants to know. */
interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

interface Component {
  readonly type: 'application' | 'library' | 'platform'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly scope?: 'required' | 'optional'
  readonly purl?: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly { readonly expression: string }[]
}

export interface Bill {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly serialNumber: string
  readonly version: 1
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/**
 * @param lock `package-lock.json` (lockfileVersion 3), parsed
 * @param runtime what Node says of its own parts: `process.versions`
 * @throws when it is no lock file of this kind
 */
export function billOf(lock: unknown, runtime: Readonly<Record<string, string | undefined>>): Bill {
  const packages = packagesOf(lock)
  const { '': root, ...rest } = packages
  if (!root) throw new Error('the lock file names no package of its own')
  const installed = Object.entries(rest).filter(([, { dev, version }]) => dev !== true && version !== undefined)
  const product = { ...componentOf('node_modules/sallyport', root), type: 'application' } as const
  const platform = platformOf(runtime)
  const components = [...installed.map(([path, one]) => componentOf(path, one)), ...platform]
  const dependencies = [
    { ref: product['bom-ref'], dependsOn: [...requiredBy('', root, packages), ...refsOf(platform.slice(0, 1))] },
    ...installed.map(([path, one]) => ({ ref: refOf(path, one), dependsOn: requiredBy(path, one, packages) })),
    { ref: platform[0]!['bom-ref'], dependsOn: refsOf(platform.slice(1)) },
    ...platform.slice(1).map((part) => ({ ref: part['bom-ref'], dependsOn: [] })),
  ]
  const content = { metadata: { component: product }, components, dependencies }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  }
}

const refsOf = (components: readonly Component[]): readonly string[] => components.map((one) => one['bom-ref'])

/** `node_modules/a/node_modules/@b/c` → `@b/c`. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** The place is part of it: one package may be there in the same version twice. */
const refOf = (path: string, { version = '' }: Locked): string => `${path.replaceAll('node_modules/', '')}@${version}`

function componentOf(path: string, { version = '', integrity, license, optional, ...rest }: Locked): Component {
  const name = nameOf(path)
  return {
    ...{ type: 'library', 'bom-ref': refOf(path, { version, ...rest }), name, version },
    scope: optional === true ? 'optional' : 'required',
    ...(integrity !== undefined && { hashes: [hashOf(integrity)] }),
    ...(license !== undefined && { licenses: [{ expression: license }] }),
    // Of a package URL only the name is percent-encoded. https://github.com/package-url/purl-spec
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  }
}

/** What npm calls integrity (W3C SRI): `sha512-` and Base64. */
function hashOf(integrity: string): { readonly alg: string; readonly content: string } {
  const [name = '', digest = ''] = integrity.split(/-(.*)/)
  return {
    alg: name.toUpperCase().replace('SHA', 'SHA-'),
    content: Buffer.from(digest, 'base64').toString('hex'),
  }
}

/** Node first, and then what is linked into it. */
function platformOf(runtime: Readonly<Record<string, string | undefined>>): readonly Component[] {
  const part = (name: string, version: string): Component => ({
    ...{ type: name === 'node' ? 'platform' : 'library', 'bom-ref': `node:${name}@${version}`, name, version },
    scope: 'required',
  })
  const parts = Object.entries(runtime).flatMap(([name, version]) =>
    name === 'node' || name === 'modules' || version === undefined ? [] : [part(name, version)],
  )
  return [part('node', runtime['node'] ?? ''), ...parts]
}

/** Each in the nearest place from which Node would take it. */
function requiredBy(path: string, one: Locked, packages: Readonly<Record<string, Locked>>): readonly string[] {
  const names = Object.keys({ ...one.dependencies, ...one.optionalDependencies })
  return names.flatMap((name) => {
    const found = placesFor(path, name).find((place) => packages[place]?.version !== undefined)
    return found === undefined ? [] : [refOf(found, packages[found]!)]
  })
}

function placesFor(path: string, name: string): readonly string[] {
  const parts = path === '' ? [] : path.split('/node_modules/')
  return [...parts.keys(), parts.length]
    .toReversed()
    .map((depth) => [...parts.slice(0, depth), depth === 0 ? `node_modules/${name}` : name].join('/node_modules/'))
}

function packagesOf(lock: unknown): Readonly<Record<string, Locked>> {
  const read = typeof lock === 'object' && lock !== null && 'packages' in lock ? lock.packages : undefined
  if (typeof read !== 'object' || read === null) throw new Error('the lock file lists no packages')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by npm, whose format this is
  return read as Readonly<Record<string, Locked>>
}
