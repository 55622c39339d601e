// What certificates of partners must be for, as both files say it.

import { oneOf } from './fields.ts'

/** The words, from lax to strict. */
export const Purposes = oneOf(['either', 'own-side', 'both'])

export const PURPOSES =
  'What certificates of partners must be for, where they say it (extended key usage). either: for servers or for clients of TLS, whichever, since public CAs no longer issue clientAuth. own-side: clientAuth where the partner connects, serverAuth where we do. both: both.'
