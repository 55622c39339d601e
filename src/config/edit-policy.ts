// Changes who is blocked in policy.yaml, for the commands and the API: comments stay, and the file is written only when the
// outcome has no mistakes.

import { isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml'
import { checkUsers, POLICY_FILE } from './cross-checks.ts'
import { hasErrors, type Finding } from './finding.ts'
import { ConfigReader, MAX_POLICY_BYTES, type ReaderOptions } from './load.ts'
import { MEMBER } from './policy-values.ts'
import { join } from 'node:path'
import { readPolicy, unreadable } from './readings.ts'
import { readText, systemSentence } from './read-text.ts'
import { writeWhole } from './write-whole.ts'
import { PLAIN_YAML } from './yaml.ts'

export type BlockResult =
  /** `changed`: false where it was so already. */
  | { readonly ok: true; readonly file: string; readonly changed: boolean }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/**
 * Blocks a user or a group, or takes the block back. `directory` is `federation-config/` itself.
 * @param name in canonical form
 */
export async function setBlocked(
  directory: string,
  name: string,
  blocked: boolean,
  options: ReaderOptions = {},
): Promise<BlockResult> {
  const reader = new ConfigReader(directory, options)
  const path = join(reader.directory, POLICY_FILE)
  const file = reader.shown(POLICY_FILE)
  const refuse = (message: string): BlockResult => ({ ok: false, findings: [unreadable(file, message)] })
  const content = await readText(path, MAX_POLICY_BYTES)
  if (content.text === undefined && !content.missing) return refuse(content.problem)
  const before = content.text ?? ''
  const text = withBlock(before, name, blocked)
  if (text === before) return { ok: true, file, changed: false }
  const { gateway } = await reader.read()
  const reading = readPolicy(text ?? before, { file, root: join(reader.directory, '..') })
  const findings = [...reading.findings, ...checkUsers(gateway, reading).map(({ finding }) => finding)]
  if (hasErrors(findings)) return { ok: false, findings: findings.filter(({ severity }) => severity === 'error') }
  if (text === undefined)
    return refuse('the list of who is blocked cannot be changed as it is written; change it by hand')
  try {
    const now = await readText(path, MAX_POLICY_BYTES)
    if (now.text !== content.text) return refuse('was changed by somebody else just now; look at it and try again')
    await writeWhole(path, text, content.text === undefined ? 'new' : 'replace')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return refuse(systemSentence(error, 'changed'))
    throw error
  }
  return { ok: true, file, changed: true }
}

/** The text with a name added to or taken from `remote.block`; the same where it is so already; undefined: it is no such file. */
function withBlock(text: string, name: string, blocked: boolean): string | undefined {
  const document = parseDocument(text, PLAIN_YAML)
  if (document.errors.length > 0) return undefined
  if (document.contents !== null && !isMap<Node, Node | null>(document.contents)) return undefined
  const list = document.getIn(['remote', 'block'], true)
  const items = isSeq<Node>(list) ? list.items : []
  if (list !== undefined && !isSeq(list) && !(isScalar(list) && list.value === null)) return undefined
  const at = items.findIndex((item) => isScalar(item) && MEMBER.read(String(item.value)) === name)
  if (at >= 0 === blocked) return text
  if (!blocked) document.deleteIn(['remote', 'block', at])
  else if (isSeq(list)) document.addIn(['remote', 'block'], name)
  else {
    const remote = document.get('remote', true)
    if (remote !== undefined && !isMap(remote) && !(isScalar(remote) && remote.value === null)) return undefined
    if (!isMap(remote)) document.set('remote', document.createNode({ block: [name] }))
    else document.setIn(['remote', 'block'], document.createNode([name], { flow: true }))
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}
