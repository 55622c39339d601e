// What an attribute is to us, told by the bytes of its name.

import { wordOf } from './words.ts'

export const OTHER = 0
export const TO = 1
export const FROM = 2
export const TYPE = 3
export const ID = 4
export const VERSION = 5
export const LANG = 6
/** Declares the default namespace. */
export const XMLNS = 7
/** Declares a prefix: the one kind besides OTHER that has more than one name. */
export const XMLNS_PREFIX = 8

const TO_WORD = wordOf('to')
const ID_WORD = wordOf('id')
const FROM_WORD = wordOf('from')
const TYPE_WORD = wordOf('type')
const VERS_WORD = wordOf('vers')
const SION_WORD = wordOf('sion')
const XML_WORD = wordOf('xml:')
const LANG_WORD = wordOf('lang')
const XMLN_WORD = wordOf('xmln')
const MLNS_WORD = wordOf('mlns')

/** What kind the attribute is whose name, with a colon at `colon` or none (-1), lies between `start` and `end`. */
export function attributeOf(view: DataView, start: number, end: number, colon: number): number {
  switch (end - start) {
    case 2: {
      const word = view.getUint16(start, true)
      if (word === TO_WORD) return TO
      return word === ID_WORD ? ID : OTHER
    }
    case 4: {
      const word = view.getInt32(start, true)
      if (word === FROM_WORD) return FROM
      return word === TYPE_WORD ? TYPE : OTHER
    }
    case 5:
      return colon < 0 && isXmlns(view, start) ? XMLNS : OTHER
    case 7:
      if (view.getInt32(start, true) === VERS_WORD && view.getInt32(start + 3, true) === SION_WORD) return VERSION
      break
    case 8:
      if (view.getInt32(start, true) === XML_WORD && view.getInt32(start + 4, true) === LANG_WORD) return LANG
      break
    default:
  }
  return colon - start === 5 && isXmlns(view, start) ? XMLNS_PREFIX : OTHER
}

/** Is the prefix of a name, before its colon, `xml`? */
export function isXmlPrefix(view: DataView, start: number, colon: number): boolean {
  return colon - start === 3 && view.getInt32(start, true) === XML_WORD
}

function isXmlns(view: DataView, start: number): boolean {
  return view.getInt32(start, true) === XMLN_WORD && view.getInt32(start + 1, true) === MLNS_WORD
}
