import { testGrid } from './grid.ts'

testGrid('ejabberd', 121)
