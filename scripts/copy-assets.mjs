// The compiler copies no texts: the locales go beside the code that reads them.
import { cpSync } from 'node:fs'

cpSync('src/telegram/locales', 'dist/telegram/locales', { recursive: true })
