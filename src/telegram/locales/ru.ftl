# Times and counts
minutes = { $count ->
    [one] { $count } минута
    [few] { $count } минуты
   *[many] { $count } минут
  }
hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[many] { $count } часов
  }
in-seconds = через { $count ->
    [one] { $count } секунду
    [few] { $count } секунды
   *[many] { $count } секунд
  }
in-minutes = через { $count ->
    [one] { $count } минуту
    [few] { $count } минуты
   *[many] { $count } минут
  }
in-hours = через { hours }
anonymous-admin = анонимный администратор
and-more = и ещё { $count }

# The session's card
session-title = 🗳 <b>{ $message }</b>
session-opened-by = Торговая сессия, открыл(а) { $name }
session-participants = { $count ->
    [0] 👥 <b>Пока никого нет.</b> Нажмите «Участвую».
    [one] 👥 <b>{ $count } участник</b>
    [few] 👥 <b>{ $count } участника</b>
   *[many] 👥 <b>{ $count } участников</b>
  }
session-nobody = 👥 Никто не присоединился.
session-vote-length = Время на голосование: { $minutes }.
session-quorum-count = Кворум: не меньше { $count ->
    [one] { $count } голоса.
    [few] { $count } голосов.
   *[many] { $count } голосов.
  }
session-quorum-percent = Кворум: не меньше { $percent }% участников.
session-threshold = Для принятия нужно { $percent }% «за».
session-how = Участник предлагает сделку: <code>/propose buy BONK 0.05</code>
session-ends = Открыта до { $time }; срок продлевается, пока в ней идёт работа.
session-ended-admin = 🏁 <b>Закрыта администратором.</b>
session-ended-lifetime = 🏁 <b>Закрыта: её время вышло.</b>
session-ended-superseded = 🏁 <b>Закрыта: в этом чате уже другая сессия.</b>
session-ended-lost = 🏁 <b>Закрыта: её данные на время пропали.</b>
session-results = { $count ->
    [0] Решений не было.
    [one] { $count } решение: см. /history
    [few] { $count } решения: см. /history
   *[many] { $count } решений: см. /history
  }
button-join = Участвую
button-skip = Пропускаю

# The proposal's card
proposal-stake = Предлагаемая ставка: { $amount } { $currency }
price-market = Цена: рыночная
price-target = Цена: когда дойдёт до { $price } { $currency }
price-seen = Цена при предложении: { $price } { $currency } ({ $source })
price-seen-simulated = Цена при предложении: { $price } { $currency } (смоделирована)
proposal-cap = Всего не больше { $amount } { $currency }
proposal-by = Предложил(а) { $name }
proposal-holders = { $count ->
    [one] 🔑 Голосует только владелец: { $names }
    [few] 🔑 Голосуют только { $count } владельца: { $names }
   *[many] 🔑 Голосуют только { $count } владельцев: { $names }
  }
quorum-percent-holders = Кворум: не меньше { $percent }% владельцев.
tally = ✅ За { $yes } · ❌ Против { $no } · ⏳ ещё не голосовали { $left }
turnout = { $bar } проголосовали { $voted } из { $count }
pledged = 💰 Собрано: <b>{ $amount } { $currency }</b>
pledged-of-cap = 💰 Собрано: <b>{ $amount } { $currency }</b>, предел { $cap } { $currency }
deadline = ⏰ Голосование закончится { $words }, в { $time }
deadline-last-call = ⏰ <b>Проголосовали все.</b> Закрытие { $words }, в { $time }; голос ещё можно изменить.
button-yes = За { $amount }
button-yes-sell = За
button-no = Против
how-to-vote = Другая ставка: <code>/vote yes { $amount }</code>

# The result
result-approved = ✅ <b>Принято: { $title }</b>
result-refused = ❌ <b>Не принято: { $title }</b>
title-buy = КУПИТЬ { $token }
title-sell = ПРОДАТЬ ордер { $order }
title-sell-part = ПРОДАТЬ { $percent }% ордера { $order }
title-sell-token = ПРОДАТЬ { $token } (ордер { $order })
title-sell-token-part = ПРОДАТЬ { $percent }% { $token } (ордер { $order })
reason-majority = Голосов «за» больше, чем «против».
reason-threshold = Порог в { $percent }% «за» достигнут.
reason-rejected = Голосов «против» больше, чем «за».
reason-majority-sell = У владельцев голосов «за» больше, чем «против».
reason-rejected-sell = У владельцев голосов «против» больше, чем «за».
reason-tie = Голоса разделились поровну; при равенстве предложение не принимается.
reason-no-votes = Никто не проголосовал.
reason-no-quorum = { $count ->
    [one] Кворум не набран: нужен { $count } голос.
    [few] Кворум не набран: нужно { $count } голоса.
   *[many] Кворум не набран: нужно { $count } голосов.
  }
reason-below-threshold = Порог в { $percent }% «за» не достигнут.
reason-closed-by-admin = Администратор закрыл сессию до конца голосования.
reason-session-ended = Сессия закончилась раньше голосования.
result-counts = ✅ За { $yes } · ❌ Против { $no } · не голосовали { $abstained }
result-yes = <b>За:</b> { $names }
result-no = <b>Против:</b> { $names }
result-abstained = <b>Не голосовали:</b> { $names }
voter-stake = { $name } ({ $amount })
next-approved = ➡️ Решение становится ордером; он появится ниже.
next-refused = ➡️ Ничего не покупается. Любой участник может предложить снова: <code>/propose</code>
next-session-over = ➡️ Ничего не покупается. Сессия окончена.
next-refused-sell = ➡️ Ничего не продаётся. Владелец может предложить снова: <code>/propose</code>
next-session-over-sell = ➡️ Ничего не продаётся. Сессия окончена.
notice-approved = ✅ <b>Принято: { $title }</b>
    За { $yes }, против { $no }, не голосовали { $abstained }. Собрано: { $amount } { $currency }. { $reason }
notice-approved-sell = ✅ <b>Принято: { $title }</b>
    За { $yes }, против { $no }, не голосовали { $abstained }. { $reason }
notice-refused = ❌ <b>Не принято: { $title }</b>
    За { $yes }, против { $no }, не голосовали { $abstained }. { $reason }
farewell-admin = 🏁 Сессия «{ $message }» закрыта администратором.
farewell-lifetime = 🏁 Сессия «{ $message }» закрыта: её время вышло. Администратор может открыть новую: /create_session
farewell-superseded = 🏁 Сессия «{ $message }» закрыта: теперь в этом чате другая, и она продолжается.
lost-session = ⚠️ Сессия «{ $message }» пропала: её время вышло, пока меня не было, или её данные потеряны. Прежние решения есть в /history. Администратор может открыть новую: /create_session

# Orders
order-card-title = <b>Ордер <code>{ $id }</code>: { $title }</b>
order-pool = { $count ->
    [one] Участвует: { $amount } { $currency } от { $count } участника
   *[other] Участвует: { $amount } { $currency } от { $count } участников
  }
order-selling = { $count ->
    [one] На продажу: { $amount } { $token } от { $count } участника
   *[other] На продажу: { $amount } { $token } от { $count } участников
  }
order-scaled = Действует лимит, поэтому доля каждого пропорционально меньше: обещано было { $wished } { $currency }.
order-details = Подробнее: <code>/order { $id }</code>
order-can-cancel = Администратор может отменить ордер, пока он не отправлен.
order-can-again = Любой участник может снова вынести сделку на голосование по текущей цене.
order-can-again-sale = Любой, кто может о ней голосовать, может снова вынести продажу на голосование по текущей цене.
order-contradicted-filled = ⚠️ <b>Площадка теперь сообщает иное: сделка была, { $said }.</b> Мой учёт не изменён; владельцу бота стоит проверить площадку.
order-contradicted-refused = ⚠️ <b>Площадка теперь сообщает иное: сделки не было.</b> Мой учёт не изменён; владельцу бота стоит проверить площадку.
button-cancel = Отменить ордер
button-again = Голосовать снова
toast-cancelled = Ордер отменён. Всё возвращено.
toast-again = Началось новое голосование.
halted = 🛑 <b>Исполнение в этой группе остановлено.</b> { $count ->
    [0] Ожидающих ордеров нет.
    [one] Ожидает { $count } ордер.
    [few] Ожидают { $count } ордера.
   *[other] Ожидают { $count } ордеров.
  } Ничего не будет отправлено, пока администратор не отправит /resume
resumed = ▶️ <b>Исполнение в этой группе продолжается.</b> { $count ->
    [0] Ожидающих ордеров не было.
    [one] { $count } ордер снова в работе.
    [few] { $count } ордера снова в работе.
   *[other] { $count } ордеров снова в работе.
  }

# Answers to buttons
toast-joined = Вы участвуете.
toast-already-joined = Вы уже участвуете.
toast-skipped = В этот раз без вас. Присоединиться можно и позже.
toast-left = Вы вышли из сессии.
toast-yes = Учтено: за, { $amount } { $currency }
toast-no = Учтено: против
toast-changed-yes = Изменено: за, { $amount } { $currency }
toast-changed-no = Изменено: против
toast-sell = Учтено: за
toast-changed-sell = Изменено: за
toast-language = Теперь я говорю здесь по-русски.

# Status and history
status-none = Открытой сессии нет. Её открывает администратор: <code>/create_session "Buy BONK token" 5</code>
status-no-vote = Голосования сейчас нет. Участник может предложить: <code>/propose buy BONK 0.05 5m</code>
status-halted = 🛑 Исполнение здесь остановлено, пока администратор не отправит /resume
status-waiting = { $count ->
    [one] ⏳ { $count } ордер ждёт исполнения: см. /orders
    [few] ⏳ { $count } ордера ждут исполнения: см. /orders
   *[many] ⏳ { $count } ордеров ждут исполнения: см. /orders
  }
history-title = 📜 <b>Решения этой группы</b>
history-empty = Здесь ещё ничего не решали.
history-approved = ✅ <b>{ $title }</b> · за { $yes }, против { $no } · { $amount } { $currency } · { $date }
history-approved-sell = ✅ <b>{ $title }</b> · за { $yes }, против { $no } · { $date }
history-refused = ❌ <b>{ $title }</b> · за { $yes }, против { $no } · { $reason } · { $date }
history-reason-majority = принято
history-reason-rejected = «против» больше
history-reason-tie = поровну
history-reason-no-votes = никто не голосовал
history-reason-no-quorum = нет кворума
history-reason-below-threshold = порог не достигнут
history-reason-closed = закрыто досрочно
history-page = Страница { $page } из { $pages }
button-newer = « Новее
button-older = Старше »

# Orders
order-title-sell = ПРОДАТЬ { $token }
order-title-sell-part = ПРОДАТЬ { $percent }% { $token }
order-bought = Куплено { $quantity } { $token } за { $quote } { $currency }{ $fee }; цена { $price } { $currency } за штуку.
order-sold = Продано { $quantity } { $token } за { $quote } { $currency }{ $fee }; цена { $price } { $currency } за штуку.
order-plus-fee = {", "}плюс комиссия { $fee } { $currency }
order-less-fee = {", "}минус комиссия { $fee } { $currency }
order-partly = Исполнено только частично. { $fill }{ $back }
order-came-back = {" "}Остальные { $amount } { $currency } вернулись тем, кто их внёс.
order-not-sold = {" "}Остальные { $amount } { $token } остались у владельцев.
order-by-hand = Итог указал администратор.
order-waits = Ждёт отправки.
order-waits-delay = Будет отправлен { $time }; до этого администратор может его отменить.
order-waits-delay-target = Администратор может отменить ордер. С { $time } он ждёт цены { $price } { $currency } или ниже, до { $until }.
order-waits-target = Ждёт цены { $price } { $currency } или ниже, до { $until }.
order-waits-venue = Ждёт: торговая площадка недоступна. Пробую снова до { $until }.
order-waits-price = Ждёт цены: сейчас её не узнать.
order-waits-halt = Ждёт: исполнение здесь остановлено. Без /resume до { $until } ордер будет отменён.
order-sent = Отправлен; площадка ещё не ответила.
order-accepted = Площадка приняла его и исполняет.
order-refused = Не исполнен: { $why }. Средства участников не изменились.
order-cancelled = Отменён: { $why }. Средства участников не изменились.
order-unknown = Неизвестно, состоялась ли сделка: { $why }. Ничего не потеряно: нужное для неё остаётся отложенным. Администратор может проверить на площадке и указать итог: <code>/settle { $id } filled &lt;токены&gt; &lt;всего&gt;</code> или <code>/settle { $id } none</code>
order-unknown-asking = Неизвестно, состоялась ли сделка: { $why }. Ничего не потеряно: нужное для неё остаётся отложенным, и я продолжаю спрашивать. Администратор может и сам проверить на площадке и указать итог: <code>/settle { $id } filled &lt;токены&gt; &lt;всего&gt;</code> или <code>/settle { $id } none</code>
order-why-none = причина не указана
order-why-with-facts = { $why }: { $detail }
order-why-with-band = { $why }: { $detail }, а допустимо ±{ $band }%
order-why-with-words = { $why } («{ $detail }»)
order-why-no-funds = у голосовавших «за» не осталось денег
order-why-day-limit = дневной предел группы исчерпан
order-why-nothing-held = продавать уже нечего
order-why-token-not-allowed = { $token } нет среди разрешённых здесь токенов
order-why-price-moved = цена слишком изменилась с момента предложения
order-why-no-price = не было свежей цены { $token }
order-why-venue-refused = площадка отказала
order-why-not-enough-at-venue = на счёте площадки не хватает средств
order-why-too-small = сумма слишком мала для площадки
order-why-executor-changed = бот теперь торгует в другом месте
order-why-group-not-allowed = владелец бота не разрешил этой группе торговать
order-why-cancelled-by-admin = так решил администратор
order-why-target-not-reached = цена не была достигнута вовремя
order-why-waited-too-long = ожидание затянулось
order-why-venue-away = площадка была недоступна
order-why-accepted = площадка приняла его и не довела до конца
order-why-no-answer = площадка не отвечает
order-why-answer-invalid = ответ площадки не может быть верным
order-why-cannot-ask = площадка не может этого сказать
order-why-settled-by-admin = администратор указал, что сделки не было
simulated-prices = цены смоделированы
ago-seconds = { $count ->
    [0] только что
    [one] { $count } секунду назад
    [few] { $count } секунды назад
   *[many] { $count } секунд назад
  }
ago-minutes = { $count ->
    [one] { $count } минуту
    [few] { $count } минуты
   *[many] { $count } минут
  } назад
ago-hours = { hours } назад
ago-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[many] { $count } дней
  } назад

# The picture of a decision
picture-approved = Принято. { $reason }
picture-refused = Не принято. { $reason }
picture-yes = За
picture-no = Против
picture-abstained = Не голосовали
picture-stakes = Ставки: { $amount } { $currency }

# Profit over time
window-day = 24 часа
window-week = 7 дней
window-month = 30 дней
window-all = всё время
performance-title = 📈 <b>Прибыль: { $profit } { $currency }</b>
performance-change = За { $window }: { $change } { $currency }
performance-holdings = Активы стоят { $worth } { $currency }.
performance-gaps = Моменты, когда цена { $tokens } неизвестна, пропущены.
performance-unpriced = Сейчас нельзя оценить активы группы: неизвестна цена { $tokens }. Попробуйте позже: /performance
performance-nothing = Здесь ещё ничего не покупали. Как только сделка исполнится, здесь будет видно, что она принесла.
performance-busy = Минутку, предыдущий график ещё рисуется.
performance-utc = Время – UTC.
performance-picture-title = Прибыль

# Export
export-empty = Здесь ещё ничего не решали, выгружать нечего.
export-table = 📄 { $count ->
    [one] { $count } решение
    [few] { $count } решения
   *[many] { $count } решений
  } с голосами и ордерами, таблицей: строка на каждого участника. Время – UTC.
export-data = То же со всеми подробностями, для программ.
export-part = ⚠️ Всё вместе слишком велико: в файлах только последние { $shown } из { $count }.

# Orders, as they are listed and in full
order-state-recorded = ждёт
order-state-sent = отправлен
order-state-filled = исполнен
order-state-partly-filled = исполнен частично
order-state-refused = не исполнен
order-state-cancelled = отменён
order-state-unknown = итог неизвестен
orders-title = 🧾 <b>Ордера этой группы</b>
orders-empty = Ордеров здесь ещё не было. Ордером становится принятое предложение: <code>/propose buy BONK 0.05</code>
orders-entry = { $emoji } { $title } · { $amount } · { $state } · <code>{ $id }</code>
orders-amount = { $amount } { $unit }
orders-more = Подробно об одном: <code>/order { $id }</code>
order-title = { $emoji } <b>{ $title }</b> · ордер <code>{ $id }</code>
order-when = Решение принято { $created }.
order-when-sent = Решение принято { $created }, ордер отправлен { $sent }.
order-when-settled = Решение принято { $created }, ордер завершён { $settled }.
order-source = Продаётся купленное ордером <code>{ $id }</code>.
order-stakes = Ставки: { $sum }
order-paid = Уплачено с комиссией: { $sum }
order-got = Получено: { $sum }
order-offered = На продажу: { $sum }
order-given = Продано: { $sum }
order-proceeds = Выручка за вычетом комиссии: { $sum }
order-sum-one = { $total } { $unit }
order-sum = { $sum } = { $total } { $unit }
order-sum-long = { $sum } = { $total } { $unit } ({ $count ->
    [one] { $count } участник
    [few] { $count } участника
   *[many] { $count } участников
  })
order-scaled-from = Собрано было { $amount } { $currency }; из-за лимита все ставки пропорционально уменьшены.
order-fees = Комиссия: { $fee } { $currency }
order-no-remainder = Округление: разделилось без остатка.
order-remainder = Округление: неделимый остаток { $amount } { $unit } достался { $names }.
order-remainder-several = Округление: неделимый остаток { $amount } { $unit } достался { $names }; первыми идут самые крупные доли.
order-reference = Цена при предложении: { $price } { $currency } ({ $source }, { $at })
order-reference-simulated = Цена при предложении: { $price } { $currency } (смоделирована, { $at })
order-mine-none = 👤 Вы в этом ордере не участвуете.
order-mine-staked = 👤 Ваша ставка: { $pledged } { $taken }, { $percent }% от всех
order-mine-offered = 👤 Ваша часть: { $pledged } { $taken }, { $percent }%
order-mine-bought = 👤 Ваша доля: { $got } { $brought } ({ $percent }%) за { $gave } { $taken }{ $fee }
order-mine-sold = 👤 Ваша доля: { $got } { $brought } ({ $percent }%) за { $gave } { $taken }{ $fee }
order-mine-fee-within = {", "}в том числе комиссия { $fee } { $currency }
order-mine-fee-off = {", "}за вычетом комиссии { $fee } { $currency }
order-mine-held = Вы ещё можете продать: { $held } { $token }
order-can-sell = О продаже голосуют те, у кого есть токены этого ордера: <code>/propose sell { $id } 50%</code>

# What is held, and what it is worth
paper-trading = Учебная торговля на виртуальные деньги
exchange-sandbox = песочница биржи: деньги не настоящие
worth = 🧪 { $kind }
prices-from = Цены: { $source }
prices-away = ⚠️ Часть цен сейчас получить не удалось.
price-age = { $age }
price-age-old = ⚠️ старая, { $age }
gain = { $gain } { $currency }
gain-percent = { $gain } { $currency } ({ $percent })
list-left-out = … здесь не поместилось ещё { $count }.
portfolio-title = 💼 <b>Что есть у группы</b>
portfolio-empty = У группы пока ничего нет. Всё начинается с предложения: <code>/propose buy BONK 0.05</code>
portfolio-nothing-open = Сейчас ничего нет.
portfolio-position =
    <b>{ $token }</b> { $quantity } · { $gain }
    куплено за { $cost }, сейчас { $value } { $currency } по { $price }, { $age }
portfolio-position-unpriced =
    <b>{ $token }</b> { $quantity } · нет цены
    куплено за { $cost } { $currency }
portfolio-total = <b>Вместе:</b> куплено за { $cost }, сейчас { $value } { $currency }: { $gain }
portfolio-unpriced = { $count ->
    [one] У { $count } токена нет цены, в итоги он не входит.
    [few] У { $count } токенов нет цены, в итоги они не входят.
   *[many] У { $count } токенов нет цены, в итоги они не входят.
  }
portfolio-realised = От продаж: { $realised } { $currency } · уплачено комиссий: { $fees } { $currency }
portfolio-sales = От продаж: { $realised } { $currency }
portfolio-fees = Уплачено комиссий: { $fees } { $currency }
portfolio-cash = Осталось виртуальных денег: { $cash } { $currency } · отложено для ордеров: { $setAside } { $currency }
portfolio-own = Ваша часть: /me
me-title = 👤 <b>Что есть у вас</b>
me-group = <b>{ $title }</b>
me-total = <b>Во всех группах ({ $count }):</b> сейчас { $value } { $currency }: { $gain } · от продаж: { $realised } { $currency }
me-left-out = { $count ->
    [one] … и ещё { $count } группа, здесь не поместилась.
    [few] … и ещё { $count } группы, здесь не поместились.
   *[many] … и ещё { $count } групп, здесь не поместились.
  }
me-empty = У вас пока ничего нет. Присоединитесь к сессии в группе и проголосуйте «за»: купленное на ваши ставки появится здесь.
me-in-private = Ваши цифры – только для вас: я покажу их в личном чате.
button-private = Открыть личный чат
prices-title = 💱 <b>Цены</b>
prices-entry = <b>{ $token }</b> { $price } { $currency } · { $age }
prices-none = <b>{ $token }</b> нет цены
prices-no-price = ⚠️ Сейчас цену узнать не удаётся. Загляните позже.
prices-empty = Здесь ещё ничем не торговали, и цен нет. Предложите сделку: <code>/propose buy BONK 0.05</code>

# Help
help-group = <b>Как это работает</b>
    1. Администратор открывает сессию, вы нажимаете <b>«Участвую»</b>.
    2. Участник предлагает сделку: <code>/propose buy BONK 0.05 5m</code>
    или <code>/propose "BUY token=BONK amount=0.05 price=market" 5</code>
    ещё <code>price=target:0.00002</code> и <code>cap=2</code>
    3. Все голосуют кнопкой или командой: <code>/vote yes 0.05</code>, <code>/vote no</code>. Считается последний голос до срока. Когда проголосовали все, голосование закрывается через десять секунд.
    4. Принятое становится ордером: он исполняется, купленное делится по ставкам, а вам сообщают итог.
    5. Продать часть: <code>/propose sell k3f9x2abcd 50%</code>, с номером ордера. О продаже голосуют только те, у кого есть его токены.
help-group-look = <b>Что можно посмотреть</b>
    /status – что открыто сейчас
    /history – что было решено
    /orders – что из этого вышло
    <code>/order k3f9x2abcd</code> – один ордер и ваша доля в нём
    /portfolio – что есть у группы
    /prices – сколько токены стоят сейчас
    /performance – прибыль за <code>24h</code>, <code>7d</code>, <code>30d</code> или <code>all</code>
    /export – решения, голоса и ордера файлами
    /me – что есть у вас, в личном чате
help-group-admin = <b>Администраторам</b>
    <code>/create_session "Buy BONK token" 5 12h</code> – открыть сессию: голосования по 5 минут, на 12 часов
    ещё <code>quorum=3</code>, <code>quorum=50%</code>, <code>threshold=60%</code>
    /close_session – закрыть голосование без сделки и сессию
    /halt – остановить исполнение ордеров
    /resume – продолжить исполнение
    <code>/settle &lt;ордер&gt; filled &lt;токены&gt; &lt;всего&gt;</code> или <code>/settle &lt;ордер&gt; none</code> – указать итог ордера, когда он неизвестен
    /language – русский или английский
help-bounds = Ставка: от { $least } до { $most } { $currency }.
help-paper = Учебная торговля: у каждого в начале { $balance } { $currency } виртуальных денег.
help-limit-trade = Одна покупка – не больше { $most } { $currency }.
help-limit-day = Все покупки за 24 часа – не больше { $most } { $currency }.
help-tokens = Предлагать можно только эти токены: { $tokens }. Другие не принимаются.
start-private = 👋 Здравствуйте, { $name }! Я помогаю группе вместе решать о сделках: администратор открывает сессию, участники присоединяются, предлагают и голосуют, а я считаю, слежу за временем и объявляю решение.

    Добавьте меня в группу, и пусть администратор отправит там:
    <code>/create_session "Buy BONK token" 5</code>
button-add-to-group = Добавить в группу
help-private = <b>Я работаю в группах.</b>
    Добавьте меня в группу; её администратор откроет сессию командой
    <code>/create_session "Buy BONK token" 5</code>
    а остальное расскажет там /help.

    /me – что есть у вас во всех ваших группах
greeting = 👋 Здравствуйте! Я помогаю группе вместе решать о сделках. Администратор открывает сессию:
    <code>/create_session "Buy BONK token" 5</code>
    Всё остальное: /help
language-question = На каком языке мне здесь говорить?
language-set = Теперь я говорю здесь по-русски.
button-english = English
button-russian = Русский

# Commands, as Telegram lists them
command-create-session = открыть сессию: "название" минуты
command-propose = предложить сделку
command-vote = yes 0.05 или no
command-close-session = закрыть голосование и сессию
command-status = что открыто сейчас
command-history = что было решено
command-orders = что вышло из решений
command-order = один ордер и ваша доля
command-portfolio = что есть у группы
command-prices = сколько токены стоят сейчас
command-performance = прибыль: 24h, 7d, 30d или all
command-export = решения, голоса и ордера файлами
command-halt = остановить исполнение ордеров
command-resume = продолжить исполнение ордеров
command-settle = указать неизвестный итог ордера
command-me = что есть у вас в группах
command-language = русский или английский
command-help = как это работает
command-start = с чего начать

# Refusals
refused-group-only = Это работает в группе. Добавьте меня туда и отправьте там: <code>{ $example }</code>
refused-not-admin = Это могут только администраторы группы. Попросите кого-то из них отправить: <code>{ $example }</code>
refused-admin-unknown = Telegram не успел ответить, администратор ли вы. Ничего не сделано; отправьте ещё раз: <code>{ $example }</code>
refused-not-a-person = Участвовать могут только люди: ботов, каналы и анонимных администраторов я не считаю. Отправьте от своего имени.
refused-group-not-allowed = Этот бот торгует настоящими деньгами, и его владелец не разрешил эту группу. Он может добавить номер чата в ALLOWED_GROUPS: <code>{ $chat }</code>
refused-person-too-fast = Это не засчитано. Нажатий и команд от одного человека: не больше { $limit } в минуту. Повторите { in-seconds }.
refused-part-too-fast = Это не сделано. Команд от одного человека в группе: не больше { $limit } в минуту. Повторите { in-seconds }; голоса пока засчитываются.
refused-chat-too-fast = Это не сделано. Команд в одной группе: не больше { $limit } в минуту. Повторите { in-seconds }; голоса пока засчитываются.
refused-session-already-open = Здесь уже открыта сессия: «{ $message }». Присоединитесь к ней, или пусть администратор её закроет: /close_session
refused-no-session = Открытой сессии здесь нет. Её открывает администратор: <code>/create_session "Buy BONK token" 5</code>
refused-session-closed = Эта сессия закрыта. Администратор может открыть новую: /create_session
refused-newer-version = Меня сейчас обновляют, и эта сессия уже принадлежит моей новой версии. Ничего не изменилось. Пожалуйста, попробуйте ещё раз через минуту.
refused-session-message-missing = Напишите, о чём сессия: <code>{ $example }</code>
refused-session-message-too-long = В названии { $length } знаков; уместите его в { $limit }.
refused-session-full = Сессия заполнена: участвует { $limit } человек.
refused-sessions-full = За сутки здесь открыто сессий: { $limit }, это предел. Продолжайте в открытой или подождите до завтра.
refused-not-participant = Вы не участвуете в «{ $message }». Сначала нажмите «Участвую» на её карточке, потом повторите.
refused-has-vote = Вы проголосовали в открытом голосовании и до его конца выйти не можете.
refused-minutes-invalid = «{ $typed }» не подходит: минуты – целое число от 1 до 1440. Например: <code>{ $example }</code>
refused-lifetime-invalid = «{ $typed }» не подходит: срок сессии – от 1h до 6d. Например: <code>{ $example }</code>
refused-rule-invalid = «{ $typed }» не подходит: кворум – число голосов или процент, порог – от 51% до 100%. Например: <code>{ $example }</code>
refused-unexpected-word = Не понимаю «{ $typed }» в этом месте. Например: <code>{ $example }</code>
refused-window-invalid = Не знаю срок «{ $typed }»: бывает 24h, 7d, 30d или all. Например: <code>{ $example }</code>
refused-trade-missing = Напишите, что за сделка. Например: <code>{ $example }</code>
refused-side-unknown = «{ $typed }» – это не BUY и не SELL. Например: <code>{ $example }</code>
refused-key-unknown = Не знаю «{ $typed }»: у BUY есть token, amount, price и cap, у SELL – order и share. Например: <code>{ $example }</code>
refused-key-twice = «{ $typed }» указано дважды. Например: <code>{ $example }</code>
refused-field-missing = Не указано: { $label }. Например: <code>{ $example }</code>
refused-token-too-long = В token не больше { $limit } знаков, а здесь { $length }. Например: <code>{ $example }</code>
refused-number-empty = Поле «{ $label }» пустое. Например: <code>{ $example }</code>
refused-number-comma = В поле «{ $label }» нужна точка, а не запятая: «{ $typed }» непонятно. Например: <code>{ $example }</code>
refused-number-exponent = В поле «{ $label }» пишите обычными цифрами, а не «{ $typed }». Например: <code>{ $example }</code>
refused-number-negative = Поле «{ $label }» не может быть отрицательным: «{ $typed }». Например: <code>{ $example }</code>
refused-number-not-number = В поле «{ $label }» не число: «{ $typed }». Например: <code>{ $example }</code>
refused-number-too-precise = В поле «{ $label }» слишком много знаков после точки: «{ $typed }». Можно 9, для цены 18. Например: <code>{ $example }</code>
refused-number-zero = Поле «{ $label }» должно быть больше нуля. Например: <code>{ $example }</code>
refused-number-too-large = В поле «{ $label }» слишком большое число: «{ $typed }». Например: <code>{ $example }</code>
refused-price-invalid = «{ $typed }» – не цена: бывает market или target: и число. Например: <code>{ $example }</code>
refused-share-invalid = «{ $typed }» – не доля: от 1% до 100%. Например: <code>{ $example }</code>
refused-cap-below-amount = Предел ({ $cap }) меньше одной предлагаемой ставки ({ $amount }). Например: <code>{ $example }</code>
refused-token-is-currency = { $currency } – это то, чем вы платите; купить его нельзя. Например: <code>{ $example }</code>
refused-token-not-allowed = «{ $token }» здесь купить нельзя. Можно: { $allowed }. Например: <code>{ $example }</code>
refused-token-unknown = Не знаю цены «{ $token }», поэтому торговать им нельзя. Верно ли он написан? Например: <code>{ $example }</code>
refused-price-unavailable = Сейчас не удаётся узнать цену, поэтому голосование не открыто. Попробуйте через минуту.
refused-nothing-held = От ордера { $order } не осталось { $token } для продажи. Смотрите /orders
refused-not-holder = У вас нет { $token } из ордера { $order }. Предлагать его продажу и голосовать о ней могут только владельцы.
refused-order-unknown = У этой группы нет ордера «{ $order }». Смотрите, какие есть: /orders
refused-order-not-waiting = Ордер { $order } уже нельзя отменить: он отправлен или завершён. Подробнее: <code>/order { $order }</code>
refused-cancel-not-admin = Отменить ордер могут только администраторы этой группы.
refused-rights-unknown = Telegram не успел сообщить, администратор ли вы. Ничего не сделано; нажмите ещё раз.
refused-order-not-unknown = Вручную можно завершить только ордер с неизвестным исходом. Подробнее: <code>/order { $order }</code>
refused-verdict-invalid = Напишите, что стало с ордером: <code>/settle { $order } filled &lt;токены&gt; &lt;сумма&gt;</code> (сколько токенов, затем сумма: во что обошлась покупка с комиссией или что принесла продажа за вычетом комиссии). Если сделки не было: <code>none</code> вместо всего после номера.
refused-verdict-too-large = Ордер { $order } мог взять не больше { $most }. Если на самом деле ушло больше, укажите столько, а остальное решите между собой.
refused-verdict-price = Выходит { $price } за один токен, а так быть не может. Сначала число токенов, потом сумма: <code>/settle { $order } filled &lt;токены&gt; &lt;сумма&gt;</code>
refused-order-elsewhere = Ордер { $order } исполнен в другом месте, до того как владелец бота сменил площадку. Отсюда его не продать.
refused-order-is-sale = Ордер { $order } был продажей. Продать можно только купленное: /orders
refused-proposal-open = Уже идёт голосование: { $text }. Дождитесь его конца и предложите снова.
refused-proposal-was-open = Когда вы это отправили, ещё шло другое голосование. Теперь оно закончено, отправьте снова: <code>{ $example }</code>
refused-proposals-full = В этой сессии уже { $limit } предложений, это предел. Администратор может закрыть её и открыть новую.
refused-votes-full = В этой сессии столько голосов, сколько в неё вмещается. Администратор может закрыть её и открыть новую.
refused-no-proposal = Голосования сейчас нет. Участник может предложить: <code>{ $example }</code>
refused-vote-unclear = «{ $typed }» – это за или против? Например: <code>{ $example }</code>
refused-vote-empty = За или против? Например: <code>{ $example }</code>
refused-stake-with-no = У голоса «против» нет ставки. Чтобы проголосовать против: <code>{ $example }</code>
refused-stake-with-sell = Голос о продаже не несёт ставки. Чтобы проголосовать за: <code>{ $example }</code>
refused-stake-over-funds = У вас есть { $available } { $currency } виртуальных денег; это больше. Например: <code>{ $example }</code>
refused-funds-too-low = Ваши виртуальные деньги закончились: есть { $available } { $currency }, а ставка – не меньше { $least }. Проголосовать против можно.
refused-stake-too-small = Ставка – от { $least } до { $most } { $currency }; это меньше. Например: <code>{ $example }</code>
refused-stake-too-large = Ставка – от { $least } до { $most } { $currency }; это больше. Например: <code>{ $example }</code>
refused-voting-ended = Голосование завершено, результат окончательный.
refused-export-soon = Следующая выгрузка возможна { in-seconds }.
refused-export-busy = Сейчас такие файлы просят сразу много групп. Повторите через несколько минут.
refused-button-outdated = Эта кнопка устарела. Что открыто сейчас: /status
refused-voted-again = Эту сделку уже снова вынесли на голосование. Что открыто сейчас: /status
refused-session-over = Сессия этой сделки завершена. Участники новой могут предложить её снова: <code>{ $example }</code>
apology = Простите, у меня что-то пошло не так. Ничего не изменилось; попробуйте ещё раз.

# What a field of a command is called
field-token = токен (token)
field-amount = сумма (amount)
field-price = цена (price)
field-cap = предел (cap)
field-order = ордер (order)
field-share = доля (share)
field-stake = ставка
