// MenuLens: reports what guests look at, click and order on a menu page. Described in docs/tracker.md.
//
// <script defer src="menulens.min.js" data-endpoint="https://…/events/batch" data-menu="trattoria-roma"></script>
//
// An event is in localStorage, under a key of its own, from the moment it is recorded until the API has answered
// for it. Of its own, because tabs share the storage and nothing locks it: a list of events that one tab writes
// would overwrite what another one has added. An event that is sent twice has the same id, and is merged.
window.menulens = ((running) => {
  const { dataset } = document.currentScript || {};
  // An element with the id menulens would be in its place, until the script is there.
  if (running?.track) {
    running.start(dataset, 1);
    return running;
  }
  // Tag managers may strip the attributes. They are read with each event, so that an app may change them.
  let settings = window.menulensSettings || dataset || {};
  const inView = new Map(); // element: [when it came into view, what it was then]
  let due = -1e4; // when the next event would come at the highest steady rate
  let most = 100; // events in a request: the API's limit
  let failures = 0;
  let on = false; // whether to record
  let shown = false; // whether the page is in view, and its items are watched
  let leaving = false; // whether the page is going away
  let referrer = document.referrer.split("?")[0]; // without the query, in which anything may be
  let visit, lastTime; // the visit's id, and when its last event was
  let origin = {}; // what the page's address says of where the guest comes from
  let earlier; // what the addresses of earlier pages in the tab said
  let lastNow; // the same by a clock that stops while the device sleeps
  let agreed, here, timer, soonTimer, settling, lasting, labelled;

  // A browser may forbid storage or have none: then objects do, for as long as the page lives.
  let session = {};
  try {
    lasting = localStorage;
    session = sessionStorage || session;
  } catch {}
  let queue = lasting || {};
  // What a page needs while it goes away is in memory: Firefox may lose the beacon of a page that reads storage then.
  let own = {}; // events of this page in the queue

  const now = () => performance.now(); // a clock that nobody sets
  const random = () => `${Math.random()}-${Date.now()}`; // crypto.randomUUID needs https
  // Keys begin with the endpoint, so that two stacks on one site leave each other's events alone.
  const keys = (events) => Object.keys(events).filter((key) => key.startsWith(settings.endpoint));
  const say = (text) => console.warn(`MenuLens: ${text}`);

  // ---- Where and when ----

  // Read once, also from a fragment that is a route. The rest of the query, in which anything may be, is left.
  new URLSearchParams(location.href.replace(/[?#]/g, "&")).forEach((value, name) => {
    if (/^((utm_(source|medium|campaign)|table)=|channel=(web|qr|app|kiosk)$)/.test(`${name}=${value}`)) {
      origin[name] = value;
    }
  });

  // The path, and the part of query and fragment that is a route if the site has such.
  const route = () => {
    const { host, pathname, search, hash } = location;
    if (!host) return; // a file's path is one on somebody's disk
    return pathname.replace(/(.)\/$/, "$1") + ((search + hash).match(settings.routes || "^ ") || "");
  };

  const place = () => ({ source_menu: settings.menu, page: route(), session_id: visit });

  // Milliseconds since the last event, if they are so many that its visit is over.
  const idle = (rest = Date.now() - lastTime) => (rest < 18e5 ? 0 : rest);

  // ---- Recording ----

  const record = (event_type, fields, time = Date.now()) => {
    if (!on) return;
    const event_id = random();
    const event = JSON.stringify({
      event_id,
      event_type,
      created_at: new Date(time),
      ...place(),
      page_host: location.host || location.protocol,
      channel: origin.channel || settings.channel || "web",
      currency: settings.currency,
      tracker: "source", // the build puts the version here
      automated: navigator.webdriver || undefined,
      ...fields,
    });
    // 10 events a second after 100 at once; 1,000 in the queue; 20,000 characters, at most 60 KB of the 64 KB
    // that a browser lets outlive a page.
    due = Math.max(due, now() - 9900);
    const waiting = leaving ? 0 : keys(queue).length;
    if (due > now() || waiting > 999 || event.length >= 2e4) return;
    due += 100;
    lastTime = time;
    lastNow = now();
    const key = settings.endpoint + event_id;
    own[key] = event;
    if (leaving) return;
    save({ [key]: event });
    schedule(event_type == "order" ? 1 : waiting > 48 && 3e3); // an order waits only for its other dishes
  };

  const save = (events) => {
    try {
      session.menulens = JSON.stringify([visit, lastTime, origin]);
      Object.assign(queue, events);
    } catch {
      queue = { ...own }; // what is in the storage waits for the next page
    }
  };

  // Records the view of the menu if it is another menu, page or visit than before.
  const arrive = () => {
    const settled = settling; // `look` has ended the views of the menu before
    settling = clearTimeout(settling);
    const next = settings.menu + route();
    const begins = !visit || idle();
    if (!on || (here == next && !begins)) return;
    if (!settled) rest();
    here = next;
    if (begins) visit = random();
    inView.forEach(([, fields]) => Object.assign(fields, place()));
    record(
      "menu_view",
      {
        element_clicked: "menu",
        referrer,
        language: navigator.language,
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, // for its country
        ...origin,
      },
      Date.now() - 1, // before what brought it about
    );
    referrer = undefined;
    look();
  };

  const track = (event_type, fields) => {
    arrive();
    record(event_type, fields);
  };

  // ---- Sending ----

  // When a minute is nearly over, or in `soon` milliseconds: after failures in three seconds, twice as long each time,
  // up to six minutes, and half more or less at random, so that pages do not come back all at once.
  const schedule = (soon) => {
    const wait = failures || (!soon && queue != lasting) ? 3e3 : soon; // without storage a crash would lose it
    if (wait) soonTimer ||= setTimeout(flush, wait * 2 ** failures * (0.5 + Math.random()));
    else timer ||= setTimeout(flush, 58e3);
  };

  // One tab at a time sends what all tabs have recorded. Without locks two may send the same: on http there are
  // none, and where storage is forbidden nobody gets one.
  const flush = () => {
    timer = clearTimeout(timer);
    soonTimer = clearTimeout(soonTimer);
    const work = (free) => (free ? post() : schedule());
    (navigator.locks?.request(settings.endpoint, { ifAvailable: true }, work) || post()).catch(post);
  };

  // Those events that go into one request: their keys, and its body.
  const pack = (events) => {
    let length = 0;
    const batch = keys(events).filter((key) => (length += events[key].length) < 2e4).slice(0, most);
    return [batch, `{"events":[${batch.map((key) => events[key])}]}`];
  };

  // Sends a batch, and takes it out of the queue when the API has answered: nobody else's answer is worth that.
  const post = async () => {
    const [batch, body] = pack(queue);
    try {
      if (!on || !batch[0]) return;
      // Text goes as text/plain, for which a browser asks no permission first. Without an answer, another tab may send.
      const answer = await fetch(settings.endpoint, {
        method: "POST",
        body,
        keepalive: true,
        signal: AbortSignal.timeout?.(1e4),
      });
      const text = answer.status + (await answer.text());
      const rejected = /^400.*reason/.test(text);
      if (!rejected && !/^202.*record_id/.test(text)) throw text.slice(0, 200);
      if (rejected) say(text);
      failures = 0;
      // One wrong event must not cost the others: they go one by one until it is found.
      most = rejected && batch[1] ? 1 : 100;
      if (most > 1) batch.forEach((key) => delete queue[key]);
    } catch (error) {
      say(`not accepted: ${error}`);
      failures += failures < 7;
    } finally {
      // Also those that another tab has sent.
      keys(own).forEach((key) => key in queue || delete own[key]);
      if (keys(queue)[0]) schedule();
    }
  };

  // Nobody answers a beacon: what it carries stays in the queue, and the next page sends it again.
  const leave = () => {
    const [batch, body] = pack(own);
    if (batch[0]) navigator.sendBeacon(settings.endpoint, body);
    save(own);
  };

  // ---- Watching ----

  const items = () => `[data-ml-item],${settings.items || "i-"}`;

  // The text of an attribute, or of the first element of a selector.
  const part = (element, rule) => element.getAttribute(rule) || element.querySelector(rule)?.textContent;

  const item = (element) => {
    const { mlItem, mlCategory, mlPrice } = element.dataset;
    const name = mlItem || (settings.items && (part(element, settings.itemName) || element.textContent)) || "";
    return {
      element_clicked: name.replace(/\s+/g, " ").trim().match(/^.{0,128}/u)[0], // no half of an emoji
      category: mlCategory || undefined,
      // The number in a text such as "€ 1.234,50": a mark before exactly three digits parts thousands.
      unit_price:
        +mlPrice ||
        +/\d[\d.,'\s]*/
          .exec(part(element, settings.itemPrice))?.[0]
          .replace(/['\s]|[.,](?=\d{3}\b)/g, "")
          .replace(",", ".") ||
        undefined,
    };
  };

  // Ends the view of an element, if it is in view, and begins another if it `stays`.
  const view = (element, stays) => {
    const [since, fields] = inView.get(element) || [];
    const time_spent = (((idle() ? lastNow : now()) - since) | 0) / 1e3;
    if (time_spent >= 1) record("item_view", { ...fields, time_spent }, Date.now() - idle());
    inView.delete(element);
    const next = { ...place(), ...item(element) };
    if (stays && next.element_clicked) inView.set(element, [now(), next]);
  };

  const crossed = new IntersectionObserver(
    (entries) => {
      if (idle()) arrive(); // the next guest of a kiosk
      entries.forEach(({ target, intersectionRatio, intersectionRect }) => {
        // Half of the element is in view, or it is as high as half of the window.
        const visible = intersectionRatio >= 0.5 || 2 * intersectionRect.height >= innerHeight;
        if (shown && visible != inView.has(target)) view(target, visible);
      });
    },
    { threshold: [0.1, 0.2, 0.3, 0.4, 0.5] },
  );

  // Ends all views. `look` begins them again.
  const rest = () => {
    crossed.disconnect();
    inView.forEach((_, element) => view(element));
  };

  // Elements come and change. In a single-page app another page does, without another load: its address, menu and
  // items change one after the other, so the view of the menu waits until all have.
  const look = () => {
    if (!shown) return;
    inView.forEach(([, { element_clicked }], element) => {
      if (item(element).element_clicked != element_clicked) view(element, 1);
    });
    if (here != settings.menu + route() && !settling) {
      rest();
      settling = setTimeout(arrive, 300);
    }
    document.querySelectorAll(items()).forEach((element) => crossed.observe(element));
  };

  // The page comes into view, or goes out of it: for a while or for good, which nobody can tell.
  const turn = ({ type }) => {
    leaving = type == "pagehide";
    const seen = on && !leaving && !document.hidden;
    if (seen != shown) {
      shown = seen;
      if (seen) {
        // Another page of the tab may have gone on with the visit.
        if (session.menulens) [visit, lastTime, earlier] = JSON.parse(session.menulens);
        origin = { ...earlier, ...origin };
        arrive();
        look();
      } else {
        if (settling) arrive();
        rest();
        if (!leaving) post();
      }
    }
    if (on && leaving) leave();
    leaving = false;
  };

  // ---- Whether to record ----

  // Begins or stops; undecided, it waits.
  const consent = (granted) => {
    const mark = location.hash.split("#menulens-")[1];
    if (mark) queue.menulensIgnore = mark == "ignore" || "";
    const refusal =
      !settings.endpoint || !settings.menu
        ? "no endpoint or menu"
        : settings.hosts?.split(" ").includes(location.hostname) === false
          ? "not in data-hosts"
          : queue.menulensIgnore
            ? "ignored until #menulens-count"
            : (navigator.globalPrivacyControl || navigator.doNotTrack == 1) && "Do Not Track";
    agreed = granted;
    on = agreed && !refusal;
    if (refusal) say(`off: ${refusal}`);
    if (!on && agreed != undefined) {
      keys(queue).forEach((key) => delete queue[key]);
      own = {};
      visit = undefined;
      here = undefined;
      delete session.menulens;
    }
    turn({});
    look();
    schedule();
  };

  // Another script element (`isElement`) is that of the next page, where an app exchanges pages without a load.
  const start = (options, isElement) => {
    if (isElement && options?.endpoint != settings.endpoint) return say("second script ignored");
    if (options) settings = isElement ? options : { ...settings, ...options };
    consent(agreed ?? (settings.consent != "required" || undefined));
  };

  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["data-ml-item", "data-menu"],
  });
  addEventListener("visibilitychange", turn);
  addEventListener("pagehide", turn);
  addEventListener("pageshow", turn);
  addEventListener("popstate", () => start());
  addEventListener("online", flush);
  addEventListener(
    "click",
    ({ target }) => {
      const element = target.closest?.(items());
      // A click on a label is followed by one on its control.
      if (element && target != labelled) track("click", item(element));
      const control = target.closest?.("label")?.control;
      labelled = control != target && control;
    },
    true,
  );
  start();
  return { start, track, consent };
})(window.menulens);
