// What is wrong, or worth knowing, in the configuration: collected, never thrown, shown one per line as
// `federation-config/gateway.yaml:14: limits.negotiation: write a duration as 500ms, 30s, 5m or 1h`.
//
// SECURITY: messages quote what a file says. Whatever a terminal would act on is escaped here, in one place.

export type Severity = 'error' | 'warning'

export interface Finding {
  readonly severity: Severity
  /** As the operator would type it: relative to the working directory where it is below it. */
  readonly file: string
  /** Counted from 1; undefined when the file as a whole is meant. */
  readonly line: number | undefined
  /** Where in the file, such as `listen.federation[1].port`; empty for the file as a whole. */
  readonly path: string
  /** What is wrong and how to write it. */
  readonly message: string
}

/** A step into a document: a key, or the index of a list item. */
export type PathStep = string | number

/** `file:line: path: message`, always one line; a warning says that it is one. */
export function formatFinding(finding: Finding): string {
  const place = finding.line === undefined ? finding.file : `${finding.file}:${finding.line}`
  const parts = [place, finding.severity === 'warning' ? 'warning' : '', finding.path, finding.message]
  return printable(parts.filter((part) => part !== '').join(': '))
}

/** Errors before warnings is not the order: findings are read along the files, top to bottom. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0))
}

export const isError = ({ severity }: Finding): boolean => severity === 'error'

export const hasErrors = (findings: readonly Finding[]): boolean => findings.some((f) => isError(f))

/** `limits.negotiation`, `listen.federation[1].port`, `domains."odd key"`. */
export function formatPath(path: readonly PathStep[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += `${text === '' ? '' : '.'}${/^[^\s"'[\]{}:,#]+$/u.test(step) ? step : JSON.stringify(step)}`
  }
  return text
}

/** Control characters, line ends and characters that change the direction of writing become `\u{…}`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
