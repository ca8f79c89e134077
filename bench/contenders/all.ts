import type { Contender } from '../contender.ts'
import { bareHttp } from './bare-http.ts'
import { grammy } from './grammy.ts'
import { replaced } from './replaced.ts'
import { telegrafSession } from './telegraf-session.ts'
import { tradevote } from './tradevote.ts'

/** In the order in which a reader sees them: this bot, what others do, and the limit. */
export const contenders: Contender[] = [tradevote, replaced, telegrafSession, grammy, bareHttp]
