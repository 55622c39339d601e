// What of a card can say who holds it, and patterns over that: data, which the settings are read by too.

/** Attributes of a subject that can be asked for, X.520, RFC 4519, RFC 2798. */
export const SUBJECT_FIELDS = {
  CN: '2.5.4.3',
  serialNumber: '2.5.4.5',
  UID: '0.9.2342.19200300.100.1.1',
  emailAddress: '1.2.840.113549.1.9.1',
  employeeNumber: '2.16.840.1.113730.3.1.3',
  OU: '2.5.4.11',
} as const

/** Kinds of names in a subjectAltName that can be asked for. */
export const ALT_NAMES = { xmppAddr: 'xmpp', email: 'email', upn: 'upn' } as const

export type AltNameField = keyof typeof ALT_NAMES
export type SubjectField = keyof typeof SUBJECT_FIELDS
export type CardField = AltNameField | SubjectField

export const CARD_FIELDS = [
  'xmppAddr',
  'email',
  'upn',
  'CN',
  'serialNumber',
  'UID',
  'emailAddress',
  'employeeNumber',
  'OU',
] as const satisfies readonly CardField[]

export const isAltName = (from: CardField): from is AltNameField => from in ALT_NAMES

/** A pattern for the whole of a field. Throws for one that is none. */
export const wholePattern = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`, 'u')

/** Why a pattern cannot be used, in words; undefined: it can. */
export function patternFault(pattern: string): string | undefined {
  try {
    // Alone: a bracket too many could close the one around it.
    void new RegExp(pattern, 'u')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'not a regular expression'
  }
}

/** How many groups a pattern has. */
export const groupsIn = (pattern: string): number => (new RegExp(`(?:${pattern})|`, 'u').exec('')?.length ?? 1) - 1
