"use strict";
(async () => {
  const bytes = Uint8Array.from(atob(document.getElementById("data").textContent.trim()), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const { own, against, other } = await new Response(stream).json();
  const at = id => document.getElementById(id);
  const make = (name, className, text) => {
    const element = document.createElement(name);
    element.className = className || "";
    element.textContent = text ?? "";
    return element;
  };

  const kinds = [
    { id: "source", title: "Rule", words: "cs" }, { id: "ir", title: "IR", words: "ir" }, { id: "host", title: "C#: record, host values", words: "cs" },
    { id: "scalar", title: "C#: scalar", words: "cs" }, { id: "simd", title: "C#: SIMD", words: "cs" }, { id: "ilgpu", title: "C#: ILGPU", words: "cs" },
    { id: "ptx", title: "PTX", words: "ptx" }, { id: "asm", title: "machine code", words: "asm" },
  ];
  const grammars = {
    cs: /(\/\/.*$)|\b(static|void|float|int|long|ref|in|out|if|else|for|return|bool|public|internal|private|class|where|struct|uint|nuint|true|false|double|using|namespace|new)\b|\b(\d[\w.]*)\b/g,
    ir: /(;.*$)|\b(kernel|rule|uniform|state|hyperparameter|row|column|tensor)\b|\b(\d[\w.]*)\b/g,
    ptx: /(\/\/.*$)|^\s*(@!?%\w+\s+)?([a-z]+)\b|\b(\d\w*|0[fF][0-9A-F]{8})\b/g,
    asm: /(;.*$)|^\s+([a-z]\w+)\b|\b(0x[0-9A-F]+|\d+)\b/g,
  };
  const hues = [210, 35, 140, 280, 0, 180, 60, 320, 100, 240];
  const colourOf = line => `hsl(${hues[line % hues.length]} 65% 70%)`;

  // What is chosen, and the lines of the rule that are lit.
  const chosen = { variant: own.variant, phase: own.phases - 1, elements: own.elements[0], codecs: own.codecs[0], compares: false };
  let lit = new Set();
  const views = new Map();

  const paneOf = (data, id, { variant, elements, codecs } = chosen) => id === "ptx" ? data.compiled[`${variant}/${elements}/${codecs}`]?.ptx
    : id === "asm" ? data.asm[`${variant}/${codecs}`] : data.panes[id];
  // Of the other side: of another variant, the kernel alone, as files hold all of them.
  const otherLines = id => {
    const choice = { ...chosen, ...(against.variant === undefined ? {} : { variant: against.variant }), ...(against.elements ? { elements: against.elements } : {}), ...(against.codecs ? { codecs: against.codecs } : {}) };
    return paneOf(other ?? own, id, choice)?.lines ?? [];
  };
  const costsOf = data => data.compiled[`${chosen.variant}/${chosen.elements}/${chosen.codecs}`]?.costs;
  const anchorOf = pane => pane?.anchors[`${chosen.variant}/${chosen.phase}`] ?? pane?.anchors[`${chosen.phase}`];

  // Lines of two texts: the longest common part of them stays.
  const differences = (before, after) => {
    let start = 0, end = 0;
    while (start < before.length && start < after.length && before[start] === after[start]) start++;
    while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
    const a = before.slice(start, before.length - end), b = after.slice(start, after.length - end);
    const rows = [];
    for (let i = 0; i < start; i++) rows.push({ kind: "", at: i });
    if (a.length * b.length > 25e6) {
      a.forEach(text => rows.push({ kind: "removed", text }));
      b.forEach((_, i) => rows.push({ kind: "added", at: start + i }));
    } else {
      const width = b.length + 1, table = new Uint16Array((a.length + 1) * width);
      for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
          table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
        }
      }
      for (let i = 0, j = 0; i < a.length || j < b.length;) {
        if (i < a.length && j < b.length && a[i] === b[j]) { rows.push({ kind: "", at: start + j }); i++; j++; }
        else if (j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) rows.push({ kind: "removed", text: a[i++] });
        else rows.push({ kind: "added", at: start + j++ });
      }
    }
    for (let i = after.length - end; i < after.length; i++) rows.push({ kind: "", at: i });
    return rows;
  };

  const colour = (row, text, grammar) => {
    let place = 0;
    for (const match of text.matchAll(grammars[grammar])) {
      const word = match[0];
      row.append(text.slice(place, match.index));
      row.append(make("span", match[1] ? "comment" : /^\s*[0-9]/.test(word) ? "value" : "keyword", word));
      place = match.index + word.length;
    }
    row.append(text.slice(place));
  };

  const show = kind => {
    const view = views.get(kind.id), pane = paneOf(own, kind.id), text = view.text;
    text.replaceChildren();
    view.rows = [];
    if (!pane || pane.note || pane.lines.length === 0) {
      text.append(make("div", "note", pane?.note || "Nothing is compiled for this choice."));
      return;
    }
    const before = chosen.compares ? otherLines(kind.id) : null;
    const rows = before ? differences(before, pane.lines) : pane.lines.map((_, line) => ({ kind: "", at: line }));
    const costs = kind.id === "source" ? costsOf(own) : null;
    const all = document.createDocumentFragment();
    for (const one of rows) {
      const rule = one.at === undefined ? [] : pane.rule[one.at];
      const row = make("div", `row ${one.kind} ${rule.length > 0 ? "linked" : ""}`);
      row.dataset.line = one.at === undefined ? "" : one.at + 1;
      row.append(make("span", "number", one.at === undefined ? "" : one.at + 1));
      if (costs) row.append(make("span", "cost", costText(costs[one.at])));
      const code = make("span", "code");
      colour(code, one.at === undefined ? one.text : pane.lines[one.at], kind.words);
      row.append(code);
      view.rows.push({ element: row, rule, via: one.at === undefined ? [] : pane.via?.[one.at] ?? [], at: one.at });
      all.append(row);
    }
    text.append(all);
    view.active = -1;
    light(kind);
    const anchor = anchorOf(pane);
    if (anchor !== undefined) view.rows.find(row => row.at === anchor)?.element.scrollIntoView({ block: "start" });
  };

  const costText = cost => !cost || (cost.ptx === 0 && cost.bytes === 0) ? "" : `${cost.ptx.toFixed(1)} instr ${cost.bytes.toFixed(2)} B`;

  // Lights rows, and returns the one to look at: where most of them follow each other in the kernel that is chosen.
  const light = (kind, vias) => {
    const view = views.get(kind.id), pane = paneOf(own, kind.id), anchor = anchorOf(pane) ?? 0;
    const end = Math.min(...Object.values(pane?.anchors ?? {}).filter(other => other > anchor));
    let best = null, run = null;
    for (const row of view.rows) {
      const isLit = row.rule.some(line => lit.has(line)), isVia = isLit && !!vias && vias.has(row.at + 1);
      row.element.classList.toggle("lit", isLit);
      row.element.classList.toggle("via", isVia);
      run = !isLit ? null : { row: run?.row ?? row, score: (run?.score ?? (row.at >= anchor && row.at < end ? 1e6 : 0)) + (isVia ? 1e7 : 1) };
      if (run && (!best || run.score > best.score)) best = run;
    }
    return best?.row;
  };

  const select = (lines, from, via) => {
    lit = new Set(lines);
    for (const kind of kinds) {
      const vias = via && ((from === "ptx" && kind.id === "ilgpu") || (from === "asm" && kind.id === "simd")) ? new Set(via) : null;
      const first = light(kind, vias);
      if (first && kind.id !== from) {
        const text = views.get(kind.id).text;
        text.scrollTop = first.element.offsetTop - text.offsetTop - text.clientHeight / 3;
      }
    }
    for (const part of at("bar").children) part.classList.toggle("lit", lit.has(Number(part.dataset.line)));
    at("status").textContent = lit.size === 0 ? "" : `${lit.size === 1 ? "line" : "lines"} ${[...lit].join(", ")} of the rule`;
  };

  const activate = (kind, index) => {
    const view = views.get(kind.id);
    if (index < 0 || index >= view.rows.length) return;
    view.rows[view.active]?.element.classList.remove("active");
    view.active = index;
    view.rows[index].element.classList.add("active");
    view.rows[index].element.scrollIntoView({ block: "nearest" });
  };

  const press = (kind, event) => {
    const view = views.get(kind.id);
    const page = Math.max(1, Math.floor(view.text.clientHeight / 18) - 1);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.key in moves) activate(kind, Math.max(0, Math.min(view.rows.length - 1, view.active + moves[event.key])));
    else if (event.key === "Home") activate(kind, 0);
    else if (event.key === "End") activate(kind, view.rows.length - 1);
    else if (event.key === "Enter" || event.key === " ") { const row = view.rows[view.active]; if (row) select(row.rule, kind.id, row.via); }
    else if (event.key === "Escape") { view.section.classList.contains("large") ? enlarge(view) : select([]); }
    else if (event.key === "f" || event.key === "F") enlarge(view);
    else return;
    event.preventDefault();
  };

  const enlarge = view => {
    const isLarge = view.section.classList.toggle("large");
    view.button.textContent = isLarge ? "close" : "large";
    view.text.focus();
  };

  const bar = () => {
    const costs = costsOf(own), place = at("bar");
    place.replaceChildren();
    if (!costs) {
      place.append(make("span", "note", "Executed instructions are not known for this variant."));
      return;
    }
    const total = costs.reduce((sum, cost) => sum + cost.ptx, 0);
    const bytes = costs.reduce((sum, cost) => sum + cost.bytes, 0);
    costs.forEach((cost, index) => {
      if (cost.ptx <= 0) return;
      const isFrame = index === costs.length - 1, line = index + 1;
      const what = isFrame ? "frame: loop, addresses, what belongs to no line" : own.panes.source.lines[index].trim();
      const part = make("button", "", isFrame ? "frame" : `${line}`);
      part.type = "button";
      part.dataset.line = isFrame ? 0 : line;
      part.style.flex = `${cost.ptx / total} 1 0`;
      part.style.background = isFrame ? "#b9bec8" : colourOf(line);
      part.title = `${what}\n${cost.ptx.toFixed(2)} of ${total.toFixed(1)} PTX instructions a parameter, ${cost.bytes.toFixed(2)} of ${bytes.toFixed(2)} bytes`;
      part.setAttribute("aria-label", part.title);
      part.addEventListener("click", () => select(isFrame ? [] : [line]));
      place.append(part);
    });
    at("title").textContent = `${own.name}: ${total.toFixed(1)} PTX instructions and ${bytes.toFixed(2)} bytes a parameter`;
  };

  const fill = (id, options, value) => {
    const box = at(id);
    options.forEach(([key, text]) => { const option = make("option", "", text); option.value = key; box.append(option); });
    box.value = value;
    box.addEventListener("change", () => { chosen[id] = ["variant", "phase"].includes(id) ? Number(box.value) : box.value; refresh(); });
  };

  const refresh = () => {
    at("title").textContent = own.name;
    bar();
    kinds.forEach(show);
    select([...lit]);
  };

  for (const kind of kinds) {
    const section = make("section", "pane");
    section.id = `pane-${kind.id}`;
    const title = kind.id === "ptx" ? `PTX, ${own.architecture}` : kind.id === "asm" ? `machine code, ${own.width}` : kind.title;
    const heading = make("h2", "", title);
    const button = make("button", "", "large");
    button.type = "button";
    heading.append(button);
    const text = make("div", "text");
    text.tabIndex = 0;
    text.setAttribute("role", "region");
    text.setAttribute("aria-label", title);
    section.append(heading, text);
    at("panes").append(section);
    const view = { section, text, button, rows: [], active: -1 };
    views.set(kind.id, view);
    button.addEventListener("click", () => enlarge(view));
    text.addEventListener("keydown", event => press(kind, event));
    text.addEventListener("click", event => {
      const element = event.target.closest(".row");
      const index = view.rows.findIndex(row => row.element === element);
      if (index >= 0) { activate(kind, index); select(view.rows[index].rule, kind.id, view.rows[index].via); }
    });
  }

  fill("variant", own.variants.map((text, index) => [index, `${index}: ${text}`]), chosen.variant);
  fill("phase", Array.from({ length: own.phases }, (_, phase) => [phase, `${phase}`]), chosen.phase);
  fill("elements", own.elements.map(name => [name, name]), chosen.elements);
  fill("codecs", own.codecs.map(name => [name, name === "Declared" ? "8 bits, as declared" : name]), chosen.codecs);
  if (against) {
    at("differences").hidden = false;
    at("other").textContent = against.label;
    at("compare").addEventListener("change", event => { chosen.compares = event.target.checked; refresh(); });
  }
  refresh();
  document.body.dataset.ready = "true";
})();
