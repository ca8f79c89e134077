# Times and counts
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
  }
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
  }
in-seconds = in { $count ->
    [one] { $count } second
   *[other] { $count } seconds
  }
in-minutes = in { minutes }
in-hours = in { hours }
anonymous-admin = an anonymous admin
and-more = and { $count } more

# The session's card
session-title = 🗳 <b>{ $message }</b>
session-opened-by = A trading session, opened by { $name }
session-participants = { $count ->
    [0] 👥 <b>Nobody has joined yet.</b> Tap Join to take part.
    [one] 👥 <b>{ $count } participant</b>
   *[other] 👥 <b>{ $count } participants</b>
  }
session-nobody = 👥 Nobody joined.
session-vote-length = A vote lasts { $minutes }.
session-quorum-count = Quorum: at least { $count ->
    [one] { $count } vote.
   *[other] { $count } votes.
  }
session-quorum-percent = Quorum: at least { $percent }% of the participants.
session-threshold = Approval needs { $percent }% yes.
session-how = Participants propose with <code>/propose buy BONK 0.05</code>
session-ends = Open until { $time }; each use extends it.
session-ended-admin = 🏁 <b>Closed by an admin.</b>
session-ended-lifetime = 🏁 <b>Closed: its time was over.</b>
session-ended-superseded = 🏁 <b>Closed: this chat has another session.</b>
session-ended-lost = 🏁 <b>Closed: its data was lost for a while.</b>
session-results = { $count ->
    [0] Nothing was decided.
    [one] { $count } decision: see /history
   *[other] { $count } decisions: see /history
  }
button-join = Join
button-skip = Skip

# The proposal's card
proposal-stake = Suggested stake: { $amount } { $currency }
price-market = Price: market
price-target = Price: when it reaches { $price } { $currency }
price-seen = Price when proposed: { $price } { $currency } ({ $source })
price-seen-simulated = Price when proposed: { $price } { $currency } (simulated)
proposal-cap = At most { $amount } { $currency } in total
proposal-by = Proposed by { $name }
proposal-holders = { $count ->
    [one] 🔑 Only its holder votes: { $names }
   *[other] 🔑 Only its { $count } holders vote: { $names }
  }
quorum-percent-holders = Quorum: at least { $percent }% of the holders.
tally = ✅ Yes { $yes } · ❌ No { $no } · ⏳ to vote { $left }
turnout = { $bar } { $voted } of { $count } voted
pledged = 💰 Pledged: <b>{ $amount } { $currency }</b>
pledged-of-cap = 💰 Pledged: <b>{ $amount } { $currency }</b>, cap { $cap } { $currency }
deadline = ⏰ Voting ends { $words }, at { $time }
deadline-last-call = ⏰ <b>Everybody has voted.</b> Closing { $words }, at { $time }; votes may still change.
button-yes = Yes { $amount }
button-yes-sell = Yes
button-no = No
how-to-vote = Any other stake: <code>/vote yes { $amount }</code>

# The result
result-approved = ✅ <b>Approved: { $title }</b>
result-refused = ❌ <b>Not approved: { $title }</b>
title-buy = BUY { $token }
title-sell = SELL order { $order }
title-sell-part = SELL { $percent }% of order { $order }
title-sell-token = SELL { $token } (order { $order })
title-sell-token-part = SELL { $percent }% of { $token } (order { $order })
reason-majority = More participants said yes than no.
reason-threshold = The threshold of { $percent }% yes was reached.
reason-rejected = More participants said no than yes.
reason-majority-sell = More holders said yes than no.
reason-rejected-sell = More holders said no than yes.
reason-tie = It is a tie, and a tie is not enough.
reason-no-votes = Nobody voted.
reason-no-quorum = { $count ->
    [one] The quorum was not reached: it asks for { $count } vote.
   *[other] The quorum was not reached: it asks for { $count } votes.
  }
reason-below-threshold = The threshold of { $percent }% yes was not reached.
reason-closed-by-admin = An admin closed the session before the vote ended.
reason-session-ended = The session ended before the vote did.
result-counts = ✅ Yes { $yes } · ❌ No { $no } · did not vote { $abstained }
result-yes = <b>Yes:</b> { $names }
result-no = <b>No:</b> { $names }
result-abstained = <b>Did not vote:</b> { $names }
voter-stake = { $name } ({ $amount })
next-approved = ➡️ It becomes an order, which follows below.
next-refused = ➡️ Nothing is bought. Any participant can propose again: <code>/propose</code>
next-session-over = ➡️ Nothing is bought. The session is over.
next-refused-sell = ➡️ Nothing is sold. A holder can propose again: <code>/propose</code>
next-session-over-sell = ➡️ Nothing is sold. The session is over.
notice-approved = ✅ <b>Approved: { $title }</b>
    { $yes } yes, { $no } no, { $abstained } did not vote. Pledged: { $amount } { $currency }. { $reason }
notice-approved-sell = ✅ <b>Approved: { $title }</b>
    { $yes } yes, { $no } no, { $abstained } did not vote. { $reason }
notice-refused = ❌ <b>Not approved: { $title }</b>
    { $yes } yes, { $no } no, { $abstained } did not vote. { $reason }
farewell-admin = 🏁 The session “{ $message }” was closed by an admin.
farewell-lifetime = 🏁 The session “{ $message }” is closed: its time was over. An admin can open another: /create_session
farewell-superseded = 🏁 The session “{ $message }” is closed: this chat has another one now, which goes on.
lost-session = ⚠️ The session “{ $message }” is gone: its time ran out while I was away, or its data was lost. What was decided before is in /history. An admin can open another: /create_session

# Orders
order-card-title = <b>Order <code>{ $id }</code>: { $title }</b>
order-pool = { $count ->
    [one] Taking part: { $amount } { $currency } of { $count } member
   *[other] Taking part: { $amount } { $currency } of { $count } members
  }
order-selling = { $count ->
    [one] For sale: { $amount } { $token } of { $count } member
   *[other] For sale: { $amount } { $token } of { $count } members
  }
order-scaled = A limit applies, so everybody takes part with less, in proportion: { $wished } { $currency } were pledged.
order-details = Details: <code>/order { $id }</code>
order-can-cancel = An admin can cancel it until it is sent.
order-can-again = Any participant can put it to a new vote at the present price.
order-can-again-sale = Any holder who can vote on it can put it to a new vote at the present price.
order-contradicted-filled = ⚠️ <b>The trading venue says otherwise now: { $said } was traded.</b> My books were left as they are; the host should look at the venue.
order-contradicted-refused = ⚠️ <b>The trading venue says otherwise now: nothing was traded.</b> My books were left as they are; the host should look at the venue.
button-cancel = Cancel the order
button-again = Vote again
toast-cancelled = The order is cancelled. Everything was given back.
toast-again = A new vote has begun.
halted = 🛑 <b>Execution is stopped in this group.</b> { $count ->
    [0] No order is waiting.
    [one] { $count } order waits.
   *[other] { $count } orders wait.
  } Nothing is sent until an admin sends /resume
resumed = ▶️ <b>Execution goes on in this group.</b> { $count ->
    [0] No order was waiting.
    [one] { $count } order goes on.
   *[other] { $count } orders go on.
  }

# Answers to buttons
toast-joined = You are in.
toast-already-joined = You are already in.
toast-skipped = Not this time. You can still join later.
toast-left = You left the session.
toast-yes = Counted: yes with { $amount } { $currency }
toast-no = Counted: no
toast-changed-yes = Changed: yes with { $amount } { $currency }
toast-changed-no = Changed: no
toast-sell = Counted: yes
toast-changed-sell = Changed: yes
toast-language = I speak English here now.

# Status and history
status-none = No session is open here. An admin opens one: <code>/create_session "Buy BONK token" 5</code>
status-no-vote = No vote is open. Participants propose: <code>/propose buy BONK 0.05 5m</code>
status-halted = 🛑 Execution is stopped here until an admin sends /resume
status-waiting = { $count ->
    [one] ⏳ { $count } order waits to be carried out: see /orders
   *[other] ⏳ { $count } orders wait to be carried out: see /orders
  }
history-title = 📜 <b>Decisions of this group</b>
history-empty = Nothing has been decided here yet.
history-approved = ✅ <b>{ $title }</b> · { $yes } yes, { $no } no · { $amount } { $currency } · { $date }
history-approved-sell = ✅ <b>{ $title }</b> · { $yes } yes, { $no } no · { $date }
history-refused = ❌ <b>{ $title }</b> · { $yes } yes, { $no } no · { $reason } · { $date }
history-reason-majority = approved
history-reason-rejected = more no than yes
history-reason-tie = a tie
history-reason-no-votes = nobody voted
history-reason-no-quorum = quorum not reached
history-reason-below-threshold = threshold not reached
history-reason-closed = closed before its end
history-page = Page { $page } of { $pages }
button-newer = « Newer
button-older = Older »

# Orders
order-title-sell = SELL { $token }
order-title-sell-part = SELL { $percent }% of { $token }
order-bought = Bought { $quantity } { $token } for { $quote } { $currency }{ $fee }, at { $price } { $currency } each.
order-sold = Sold { $quantity } { $token } for { $quote } { $currency }{ $fee }, at { $price } { $currency } each.
order-plus-fee = {" "}plus a fee of { $fee } { $currency }
order-less-fee = {" "}less a fee of { $fee } { $currency }
order-partly = Only a part was traded. { $fill }{ $back }
order-came-back = {" "}The other { $amount } { $currency } went back to those who staked them.
order-not-sold = {" "}The other { $amount } { $token } stay with their holders.
order-by-hand = An admin settled it.
order-waits = Waiting to be sent.
order-waits-delay = Will be sent { $time }; until then an admin can cancel it.
order-waits-delay-target = An admin can cancel it. From { $time } on it waits for a price of { $price } { $currency } or less, until { $until }.
order-waits-target = Waiting for a price of { $price } { $currency } or less, until { $until }.
order-waits-venue = Waiting: the trading venue cannot be reached. I keep trying until { $until }.
order-waits-price = Waiting for a price: there is none to be had at the moment.
order-waits-halt = Waiting: execution is stopped here. Without /resume by { $until } it is cancelled.
order-sent = Sent; the trading venue has not answered yet.
order-accepted = The trading venue has taken it and is working on it.
order-refused = Not carried out: { $why }. Everybody keeps what they had.
order-cancelled = Cancelled: { $why }. Everybody keeps what they had.
order-unknown = It is not known whether this was traded: { $why }. Nothing is lost: what it takes stays set aside. An admin can look at the venue and settle it: <code>/settle { $id } filled &lt;tokens&gt; &lt;total&gt;</code> or <code>/settle { $id } none</code>
order-unknown-asking = It is not known whether this was traded: { $why }. Nothing is lost: what it takes stays set aside, and I keep asking. An admin can also look at the venue and settle it: <code>/settle { $id } filled &lt;tokens&gt; &lt;total&gt;</code> or <code>/settle { $id } none</code>
order-why-none = no reason was given
order-why-with-facts = { $why }: { $detail }
order-why-with-band = { $why }: { $detail }, and ±{ $band }% is allowed
order-why-with-words = { $why } (“{ $detail }”)
order-why-no-funds = nobody who voted yes has money left
order-why-day-limit = the group’s limit for one day is used up
order-why-nothing-held = nothing is left to sell
order-why-token-not-allowed = { $token } is not among the tokens allowed here
order-why-price-moved = the price has moved too far since the proposal
order-why-no-price = there was no current price of { $token }
order-why-venue-refused = the trading venue refused it
order-why-not-enough-at-venue = the account at the trading venue does not have enough
order-why-too-small = it is too small for the trading venue
order-why-executor-changed = the bot trades somewhere else now
order-why-group-not-allowed = the host does not let this group trade
order-why-cancelled-by-admin = an admin decided so
order-why-target-not-reached = the price was not reached in time
order-why-waited-too-long = it had waited too long
order-why-venue-away = the trading venue could not be reached
order-why-accepted = the trading venue took it and did not finish
order-why-no-answer = the trading venue does not answer
order-why-answer-invalid = the trading venue’s answer cannot be right
order-why-cannot-ask = the trading venue cannot tell
order-why-settled-by-admin = an admin settled that nothing was traded
simulated-prices = simulated prices
ago-seconds = { $count ->
    [0] just now
    [one] { $count } second ago
   *[other] { $count } seconds ago
  }
ago-minutes = { minutes } ago
ago-hours = { hours } ago
ago-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
  } ago

# The picture of a decision
picture-approved = Approved. { $reason }
picture-refused = Not approved. { $reason }
picture-yes = Yes
picture-no = No
picture-abstained = Did not vote
picture-stakes = Stakes: { $amount } { $currency }

# Profit over time
window-day = 24 hours
window-week = 7 days
window-month = 30 days
window-all = all time
performance-title = 📈 <b>Profit: { $profit } { $currency }</b>
performance-change = Over { $window }: { $change } { $currency }
performance-holdings = Holdings are worth { $worth } { $currency }.
performance-gaps = Times at which the price of { $tokens } is not known are left out.
performance-unpriced = What the group holds cannot be valued right now: the price of { $tokens } is not known. Try again later: /performance
performance-nothing = Nothing has been traded here yet. As soon as a trade is carried out, you will see here what it earns.
performance-busy = One moment, the last one is still being drawn.
performance-utc = Times are UTC.
performance-picture-title = Profit

# Export
export-empty = Nothing has been decided here yet, so there is nothing to export.
export-table = 📄 { $count ->
    [one] { $count } decision
   *[other] { $count } decisions
  } with votes and orders, as a table: a line for each member. Times are UTC.
export-data = The same with every detail, for programs.
export-part = ⚠️ Together that would be too large: only the newest { $shown } of { $count } are in the files.

# Orders, as they are listed and in full
order-state-recorded = waiting
order-state-sent = sent
order-state-filled = traded
order-state-partly-filled = partly traded
order-state-refused = not carried out
order-state-cancelled = cancelled
order-state-unknown = outcome unknown
orders-title = 🧾 <b>Orders of this group</b>
orders-empty = Nothing has been ordered here yet. A proposal that is approved becomes an order: <code>/propose buy BONK 0.05</code>
orders-entry = { $emoji } { $title } · { $amount } · { $state } · <code>{ $id }</code>
orders-amount = { $amount } { $unit }
orders-more = Everything about one: <code>/order { $id }</code>
order-title = { $emoji } <b>{ $title }</b> · order <code>{ $id }</code>
order-when = Approved { $created }.
order-when-sent = Approved { $created }, sent { $sent }.
order-when-settled = Approved { $created }, settled { $settled }.
order-source = It sells what order <code>{ $id }</code> brought.
order-stakes = Stakes: { $sum }
order-paid = Paid, fee included: { $sum }
order-got = Received: { $sum }
order-offered = For sale: { $sum }
order-given = Sold: { $sum }
order-proceeds = Proceeds after the fee: { $sum }
order-sum-one = { $total } { $unit }
order-sum = { $sum } = { $total } { $unit }
order-sum-long = { $sum } = { $total } { $unit } ({ $count ->
    [one] { $count } member
   *[other] { $count } members
  })
order-scaled-from = Pledged were { $amount } { $currency }; a limit made every stake smaller in proportion.
order-fees = Fee: { $fee } { $currency }
order-no-remainder = Rounding: the split came out even.
order-remainder = Rounding: { $amount } { $unit } could not be split and went to { $names }.
order-remainder-several = Rounding: { $amount } { $unit } could not be split and went to { $names }; the largest parts come first.
order-reference = Price at the proposal: { $price } { $currency } ({ $source }, { $at })
order-reference-simulated = Price at the proposal: { $price } { $currency } (simulated, { $at })
order-mine-none = 👤 You have no part in this order.
order-mine-staked = 👤 Your stake: { $pledged } { $taken }, { $percent }% of all
order-mine-offered = 👤 Yours of it: { $pledged } { $taken }, { $percent }%
order-mine-bought = 👤 Your share: { $got } { $brought } ({ $percent }%) for { $gave } { $taken }{ $fee }
order-mine-sold = 👤 Your share: { $got } { $brought } ({ $percent }%) for { $gave } { $taken }{ $fee }
order-mine-fee-within = {", "}of which { $fee } { $currency } is the fee
order-mine-fee-off = {", "}after a fee of { $fee } { $currency }
order-mine-held = Still yours to sell: { $held } { $token }
order-can-sell = Those who hold it can vote on a sale: <code>/propose sell { $id } 50%</code>

# What is held, and what it is worth
paper-trading = Paper trading: play money
exchange-sandbox = the exchange's sandbox: no real money
worth = 🧪 { $kind }
prices-from = Prices: { $source }
prices-away = ⚠️ Some prices cannot be had right now.
price-age = { $age }
price-age-old = ⚠️ old, { $age }
gain = { $gain } { $currency }
gain-percent = { $gain } { $currency } ({ $percent })
list-left-out = { $count ->
    [one] … and { $count } more that does not fit here.
   *[other] … and { $count } more that do not fit here.
  }
portfolio-title = 💼 <b>What this group holds</b>
portfolio-empty = This group holds nothing yet. It begins with a proposal: <code>/propose buy BONK 0.05</code>
portfolio-nothing-open = Nothing is held at the moment.
portfolio-position =
    <b>{ $token }</b> { $quantity } · { $gain }
    cost { $cost }, now { $value } { $currency } at { $price }, { $age }
portfolio-position-unpriced =
    <b>{ $token }</b> { $quantity } · no price
    cost { $cost } { $currency }
portfolio-total = <b>Together:</b> cost { $cost }, now { $value } { $currency }: { $gain }
portfolio-unpriced = { $count ->
    [one] { $count } token has no price and is left out of the totals.
   *[other] { $count } tokens have no price and are left out of the totals.
  }
portfolio-realised = From sales: { $realised } { $currency } · fees paid: { $fees } { $currency }
portfolio-sales = From sales: { $realised } { $currency }
portfolio-fees = Fees paid: { $fees } { $currency }
portfolio-cash = Play money left: { $cash } { $currency } · set aside for orders: { $setAside } { $currency }
portfolio-own = Your own part: /me
me-title = 👤 <b>What you hold</b>
me-group = <b>{ $title }</b>
me-total = <b>In all { $count } groups:</b> now { $value } { $currency }: { $gain } · from sales: { $realised } { $currency }
me-left-out = { $count ->
    [one] … and { $count } more group that does not fit here.
   *[other] … and { $count } more groups that do not fit here.
  }
me-empty = You hold nothing yet. Join a session in your group and vote yes: what your stakes buy is shown here.
me-in-private = Your own numbers are for your eyes: I show them in our private chat.
button-private = Open the private chat
prices-title = 💱 <b>Prices</b>
prices-entry = <b>{ $token }</b> { $price } { $currency } · { $age }
prices-none = <b>{ $token }</b> no price
prices-no-price = ⚠️ There is no price to be had right now. Please look again later.
prices-empty = Nothing has been traded here yet, so there are no prices to show. Propose something: <code>/propose buy BONK 0.05</code>

# Help
help-group = <b>How this works</b>
    1. An admin opens a session, you tap <b>Join</b>.
    2. A participant proposes: <code>/propose buy BONK 0.05 5m</code>
    or <code>/propose "BUY token=BONK amount=0.05 price=market" 5</code>
    also <code>price=target:0.00002</code> and <code>cap=2</code>
    3. Everybody votes with a button, or <code>/vote yes 0.05</code>, <code>/vote no</code>. The last vote before the deadline counts. When everybody has voted, voting closes ten seconds later.
    4. What is approved becomes an order: it is carried out, split by the stakes, and you are told how it went.
    5. To sell a part of it: <code>/propose sell k3f9x2abcd 50%</code>, with the id of the order. Only those who hold it vote on its sale.
help-group-look = <b>What you can look at</b>
    /status – what is open now
    /history – what was decided
    /orders – what became of it
    <code>/order k3f9x2abcd</code> – one order, with your share
    /portfolio – what the group holds
    /prices – what the tokens cost now
    /performance – profit over <code>24h</code>, <code>7d</code>, <code>30d</code> or <code>all</code>
    /export – decisions, votes and orders as files
    /me – what you hold yourself, in private
help-group-admin = <b>For admins</b>
    <code>/create_session "Buy BONK token" 5 12h</code> – opens a session: votes of 5 minutes, open for 12 hours
    also <code>quorum=3</code>, <code>quorum=50%</code>, <code>threshold=60%</code>
    /close_session – closes the open vote without a trade, then the session
    /halt – stops execution: no order is sent
    /resume – lets execution go on
    <code>/settle &lt;order&gt; filled &lt;tokens&gt; &lt;total&gt;</code> or <code>/settle &lt;order&gt; none</code> – ends an order whose outcome is unknown
    /language – English or Russian
help-bounds = A stake is from { $least } to { $most } { $currency }.
help-paper = Paper trading: everybody begins with { $balance } { $currency } of play money.
help-limit-trade = One purchase takes at most { $most } { $currency }.
help-limit-day = All purchases within 24 hours take at most { $most } { $currency }.
help-tokens = Only these tokens can be proposed: { $tokens }. Others are refused.
start-private = 👋 Hi, { $name }! I help a group decide on trades together: an admin opens a session, members join, propose and vote, and I count, keep the time and announce the decision.

    Add me to your group, then an admin sends there:
    <code>/create_session "Buy BONK token" 5</code>
button-add-to-group = Add to a group
help-private = <b>I work in groups.</b>
    Add me to one; then its admin opens a session with
    <code>/create_session "Buy BONK token" 5</code>
    and everybody finds the rest there with /help.

    /me – what you hold in all your groups
greeting = 👋 Hello! I help this group decide on trades together. An admin opens a session:
    <code>/create_session "Buy BONK token" 5</code>
    Everything else: /help
language-question = Which language should I speak here?
language-set = I speak English here now.
button-english = English
button-russian = Русский

# Commands, as Telegram lists them
command-create-session = open a session: "title" minutes
command-propose = put a trade to the vote
command-vote = yes 0.05, or no
command-close-session = close the vote and the session
command-status = what is open now
command-history = what was decided
command-orders = what became of the decisions
command-order = one order, with your share
command-portfolio = what the group holds
command-prices = what the tokens cost now
command-performance = profit: 24h, 7d, 30d or all
command-export = decisions, votes and orders as files
command-halt = stop execution: no order is sent
command-resume = let execution go on
command-settle = end an order of unknown outcome
command-me = what you hold in your groups
command-language = English or Russian
command-help = how this works
command-start = how to begin

# Refusals
refused-group-only = This works in a group. Add me to one, and send there: <code>{ $example }</code>
refused-not-admin = Only admins of this group can do this. Ask one to send: <code>{ $example }</code>
refused-admin-unknown = Telegram did not tell me in time whether you are an admin. Nothing was done; please send it again: <code>{ $example }</code>
refused-not-a-person = Only people can take part: I cannot count bots, channels or anonymous admins. Please send it as yourself.
refused-group-not-allowed = This bot trades real money, and its host has not allowed this group. The host can add this chat’s id to ALLOWED_GROUPS: <code>{ $chat }</code>
refused-person-too-fast = This was not counted. Taps and commands of one person: at most { $limit } a minute. Please try again { in-seconds }.
refused-part-too-fast = This was not done. Commands of one person in a group: at most { $limit } a minute. Please try again { in-seconds }; votes are counted meanwhile.
refused-chat-too-fast = This was not done. Commands in one group: at most { $limit } a minute. Please try again { in-seconds }; votes are counted meanwhile.
refused-session-already-open = A session is already open here: “{ $message }”. Join it, or an admin closes it first: /close_session
refused-no-session = No session is open here. An admin opens one: <code>/create_session "Buy BONK token" 5</code>
refused-session-closed = This session is closed. An admin can open another: /create_session
refused-newer-version = I am being updated, and this session belongs to my newer version already. Nothing was changed. Please try again in a minute.
refused-session-message-missing = Say what the session is about: <code>{ $example }</code>
refused-session-message-too-long = The title has { $length } characters; please use at most { $limit }.
refused-session-full = This session is full: { $limit } people have joined.
refused-sessions-full = { $limit } sessions were opened here within a day, which is the limit. Please use an open one, or wait until tomorrow.
refused-not-participant = You have not joined “{ $message }”. Tap Join on its card first, then try again.
refused-has-vote = You voted in the open proposal, so you cannot leave until it ends.
refused-minutes-invalid = “{ $typed }” is not a time I can use: minutes are a whole number from 1 to 1440. For example: <code>{ $example }</code>
refused-lifetime-invalid = “{ $typed }” is not a lifetime I can use: from 1h to 6d. For example: <code>{ $example }</code>
refused-rule-invalid = I cannot use “{ $typed }”: a quorum is a number of votes or a percentage, a threshold is from 51% to 100%. For example: <code>{ $example }</code>
refused-unexpected-word = I do not understand “{ $typed }” here. For example: <code>{ $example }</code>
refused-window-invalid = “{ $typed }” is not a span that I know: it is 24h, 7d, 30d or all. For example: <code>{ $example }</code>
refused-trade-missing = Say what to trade. For example: <code>{ $example }</code>
refused-side-unknown = “{ $typed }” is neither BUY nor SELL. For example: <code>{ $example }</code>
refused-key-unknown = I do not know “{ $typed }”: a BUY has token, amount, price and cap; a SELL has order and share. For example: <code>{ $example }</code>
refused-key-twice = “{ $typed }” is there twice. For example: <code>{ $example }</code>
refused-field-missing = The { $label } is missing. For example: <code>{ $example }</code>
refused-token-too-long = A token has at most { $limit } characters; this one has { $length }. For example: <code>{ $example }</code>
refused-number-empty = The { $label } is empty. For example: <code>{ $example }</code>
refused-number-comma = Please write the { $label } with a point instead of a comma: “{ $typed }” is not clear. For example: <code>{ $example }</code>
refused-number-exponent = Please write the { $label } “{ $typed }” in plain digits. For example: <code>{ $example }</code>
refused-number-negative = The { $label } cannot be negative: “{ $typed }”. For example: <code>{ $example }</code>
refused-number-not-number = The { $label } “{ $typed }” is not a number. For example: <code>{ $example }</code>
refused-number-too-precise = The { $label } “{ $typed }” has too many decimals: at most 9, and 18 for a price. For example: <code>{ $example }</code>
refused-number-zero = The { $label } must be more than zero. For example: <code>{ $example }</code>
refused-number-too-large = The { $label } “{ $typed }” is too large. For example: <code>{ $example }</code>
refused-price-invalid = “{ $typed }” is not a price: it is market, or target: and a number. For example: <code>{ $example }</code>
refused-share-invalid = “{ $typed }” is not a share: it is from 1% to 100%. For example: <code>{ $example }</code>
refused-cap-below-amount = The cap ({ $cap }) is less than one suggested stake ({ $amount }). For example: <code>{ $example }</code>
refused-token-is-currency = { $currency } is what you pay with, so it cannot be bought. For example: <code>{ $example }</code>
refused-token-not-allowed = “{ $token }” cannot be bought here. What can: { $allowed }. For example: <code>{ $example }</code>
refused-token-unknown = I know no price of “{ $token }”, so it cannot be traded. Is it spelled right? For example: <code>{ $example }</code>
refused-price-unavailable = I cannot learn the price right now, so no vote was opened. Please try again in a minute.
refused-nothing-held = Nothing is left to sell of the { $token } from order { $order }. See /orders
refused-not-holder = You hold no { $token } from order { $order }. Only its holders propose its sale and vote on it.
refused-order-unknown = This group has no order “{ $order }”. See what it has: /orders
refused-order-not-waiting = Order { $order } can no longer be cancelled: it was sent or is settled. See <code>/order { $order }</code>
refused-cancel-not-admin = Only admins of this group can cancel an order.
refused-rights-unknown = Telegram did not tell me in time whether you are an admin. Nothing was done; please tap again.
refused-order-not-unknown = Only an order whose outcome is unknown can be settled by hand. See <code>/order { $order }</code>
refused-verdict-invalid = Say what became of the order: <code>/settle { $order } filled &lt;tokens&gt; &lt;total&gt;</code> (how many tokens, then the total: what a purchase cost with fees, or what a sale brought after fees). Where nothing was traded: <code>none</code> in place of all after the id.
refused-verdict-too-large = Order { $order } can have taken at most { $most }. If it really took more, enter that much, and settle the rest among yourselves.
refused-verdict-price = That would be { $price } for one token, which cannot be right. Tokens come first, then the total: <code>/settle { $order } filled &lt;tokens&gt; &lt;total&gt;</code>
refused-order-elsewhere = Order { $order } was carried out elsewhere, before the host changed where I trade. It cannot be sold from here.
refused-order-is-sale = Order { $order } was a sale. Only what a BUY brought can be sold: see /orders
refused-proposal-open = A vote is already open: { $text }. Wait until it ends, then propose again.
refused-proposal-was-open = Another vote was still open when you sent this. It has ended now, so send it again: <code>{ $example }</code>
refused-proposals-full = This session has had { $limit } proposals, which is its limit. An admin can close it and open another.
refused-votes-full = This session holds as many votes as it can. An admin can close it and open another.
refused-no-proposal = No vote is open here. A participant can propose: <code>{ $example }</code>
refused-vote-unclear = Is “{ $typed }” a yes or a no? For example: <code>{ $example }</code>
refused-vote-empty = Yes or no? For example: <code>{ $example }</code>
refused-stake-with-no = A no carries no stake. To vote no: <code>{ $example }</code>
refused-stake-with-sell = A vote on a sale carries no stake. To vote yes: <code>{ $example }</code>
refused-stake-over-funds = You have { $available } { $currency } of play money to stake; this is more. For example: <code>{ $example }</code>
refused-funds-too-low = Your play money is used up: you have { $available } { $currency }, and a stake is at least { $least }. You can still vote no.
refused-stake-too-small = A stake is from { $least } to { $most } { $currency }; this is less. For example: <code>{ $example }</code>
refused-stake-too-large = A stake is from { $least } to { $most } { $currency }; this is more. For example: <code>{ $example }</code>
refused-voting-ended = This vote has ended; its result stands.
refused-export-soon = The next export is possible { in-seconds }.
refused-export-busy = Many groups are asking for such files at this moment. Please try again in a few minutes.
refused-button-outdated = This button is out of date. See what is open now: /status
refused-voted-again = This was put to a vote again already. What is open now: /status
refused-session-over = The session of this trade is over. The participants of a new one can propose it again: <code>{ $example }</code>
apology = Sorry, something went wrong on my side. Nothing was changed; please try again.

# What a field of a command is called
field-token = token
field-amount = amount
field-price = price
field-cap = cap
field-order = order
field-share = share
field-stake = stake
