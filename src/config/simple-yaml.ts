// The short way to read a YAML file: most files of partners are lines of `name: value`, and the parser for all of YAML takes
// ten times as long for them as it need. What is here is taken to mean what YAML 1.2 (core schema) takes it to mean, and a
// fuzzer holds it to that (`test/fuzz/simple-yaml.test.ts`); whatever it does not know for certain, it leaves to the parser.
//
// Known: comments and blank lines; at the beginning of a line a name, a colon and either one value, a list in brackets, or
// nothing and then a list of one item per line. Values are words that YAML reads as text, or text in quotes without escapes.

/** The mapping that the text is; undefined: this is not the place to say. */
export function readSimple(text: string): Readonly<Record<string, unknown>> | undefined {
  if (UNUSUAL.test(text)) return undefined
  const values = new Map<string, unknown>()
  let open: { readonly key: string; readonly items: string[]; indent: string | undefined } | undefined
  for (const line of text.split('\n')) {
    if (BLANK.test(line)) continue
    const [, key, after] = KEY.exec(line) ?? []
    if (key !== undefined) {
      if (values.has(key)) return undefined
      const value = after === undefined ? null : valueOf(after)
      if (value === undefined) return undefined
      values.set(key, value)
      open = after === undefined ? { key, items: [], indent: undefined } : undefined
      continue
    }
    const [, indent, written] = ITEM.exec(line) ?? []
    const item = written === undefined ? undefined : scalarOf(written)
    if (open === undefined || item === undefined || indent !== (open.indent ??= indent)) return undefined
    open.items.push(item)
    values.set(open.key, open.items)
  }
  return values.size === 0 ? undefined : Object.fromEntries(values)
}

/** Tabs, carriage returns, and what nobody sees; those have rules of their own. */
// oxlint-disable-next-line no-control-regex -- this is what is looked for
const UNUSUAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u2028\u2029\ufeff]/

const BLANK = /^ *(?:#.*)?$/
const COMMENT = '(?: +#.*| *)'
const KEY = new RegExp(`^([A-Za-z][A-Za-z0-9]*):(?: +([^ #].*?))?${COMMENT}$`)
const ITEM = new RegExp(`^( *)- +([^ #].*?)${COMMENT}$`)
/** Begins with a letter and has nothing in it that means something anywhere. */
const WORDS = /^[A-Za-z\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f ._@/+()'-]*$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')$/
/** Words that are no text. */
const OTHER = /^(?:true|false|null)$/i

function valueOf(written: string): string | readonly string[] | undefined {
  return written.startsWith('[') ? listOf(written) : scalarOf(written)
}

function scalarOf(written: string): string | undefined {
  if (WORDS.test(written) && !OTHER.test(written)) return written
  if (DAY.test(written)) return written
  const [quoted, double, single] = QUOTED.exec(written) ?? []
  return quoted === undefined ? undefined : (double ?? single)
}

function listOf(written: string): readonly string[] | undefined {
  const [, inside] = /^\[([^[\]]*)\]$/.exec(written) ?? []
  if (inside === undefined) return undefined
  if (stripped(inside) === '') return []
  const items: string[] = []
  // A comma within quotes leaves halves that are no scalars.
  for (const part of inside.split(',')) {
    const item = scalarOf(stripped(part))
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

/** Blanks alone: what else there is of spaces is text to YAML. YAML 1.2 §5.5 */
const stripped = (text: string): string => text.replace(/^ +/, '').replace(/ +$/, '')
