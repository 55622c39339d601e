// The profiles by name, and their order: a partner may be held to a stricter one than the gateway, never to a laxer one.

import { DOD } from './dod.ts'
import { NATO } from './nato.ts'
import type { Profile, ProfileName } from './profile.ts'
import { STANDARD } from './standard.ts'

/** From lax to strict. */
export const PROFILE_NAMES = ['standard', 'nato', 'dod'] as const satisfies readonly ProfileName[]

export const PROFILES: Readonly<Record<ProfileName, Profile>> = { standard: STANDARD, nato: NATO, dod: DOD }

/** Does the first one demand at least what the second one does? */
export const isAtLeast = (one: ProfileName, other: ProfileName): boolean =>
  PROFILE_NAMES.indexOf(one) >= PROFILE_NAMES.indexOf(other)

/** The stricter of the two; undefined is no word at all. */
export const stricter = (one: ProfileName, other: ProfileName | undefined): ProfileName =>
  other === undefined || isAtLeast(one, other) ? one : other
