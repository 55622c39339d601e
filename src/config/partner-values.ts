// Names that the files of partners are told together by: classes and tags.

import type { Written } from './values.ts'

/** Classes that are there without being declared. */
export const BUILT_IN_CLASSES: readonly string[] = ['federated', 'public-verified', 'public-unverified']

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
const LONGEST_NAME = 64
const nameOf = (text: string): string | undefined => (text.length <= LONGEST_NAME && NAME.test(text) ? text : undefined)

/** A class of one's own, such as `coalition`. */
export const CLASS: Written<string> = {
  how: 'write a name in lower case, such as coalition or key-suppliers',
  read: (text) => (BUILT_IN_CLASSES.includes(text) ? undefined : nameOf(text)),
  hint: (text) => (BUILT_IN_CLASSES.includes(text) ? `${text} is built in; remove it here` : undefined),
}

/** A class of one's own, or one that is built in. */
export const CLASS_OR_BUILT_IN: Written<string> = { how: 'write the name of a class, such as federated', read: nameOf }

/** The class of a partner; whether it is declared is for `partner-checks.ts`. */
export const PARTNER_CLASS: Written<string> = {
  how: 'write federated, public-verified, public-unverified, or one of federation.classes in gateway.yaml',
  read: nameOf,
}

/** A tag, such as `nato` or `project-aurora`. */
export const TAG: Written<string> = {
  how: 'write a tag in lower case, such as project-aurora',
  read: nameOf,
}
