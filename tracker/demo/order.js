// The order slip of the demo page. It tells the tracker what goes into the order, out of it, and to the kitchen.
const slip = document.getElementById("order");
const lines = new Map(); // element: {name, price, category, quantity}
const euros = (amount) => `€ ${amount.toFixed(2)}`;
const find = (selector) => slip.querySelector(selector);

// The tracker may be missing: blocked, or not loaded. The order must not care.
const report = (type, element, { category }, fields) =>
  window.menulens?.track(type, { element_clicked: element, category, ...fields });

function change(element, step) {
  const line = lines.get(element);
  line.quantity += step;
  report(step > 0 ? "add_to_cart" : "remove_from_cart", element, line, { quantity: 1, unit_price: line.price });
  if (!line.quantity) lines.delete(element);
  show();
}

function send() {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const [element, line] of lines) {
    report("order", element, line, { order_id: id, quantity: line.quantity, unit_price: line.price });
  }
  lines.clear();
  show();
  open(false);
  document.getElementById("number").textContent = id;
  document.getElementById("thanks").showModal();
}

function show() {
  const ordered = [...lines];
  const pieces = ordered.reduce((sum, [, line]) => sum + line.quantity, 0);
  const total = ordered.reduce((sum, [, line]) => sum + line.quantity * line.price, 0);
  find("#lines").replaceChildren(...ordered.map(row));
  find("#empty").hidden = pieces > 0;
  find("#total").hidden = pieces === 0;
  find("#send").hidden = pieces === 0;
  find("#total span:last-child").textContent = euros(total);
  find("#sum").textContent = `${pieces} · ${euros(total)}`;
  find("#said").textContent = `In your order: ${pieces}, ${euros(total)}`;
  slip.classList.toggle("filled", pieces > 0);
}

function row([element, { name, price, quantity }]) {
  const item = document.createElement("li");
  const title = document.createElement("span");
  title.textContent = name;
  const count = document.createElement("span");
  count.textContent = quantity;
  const cost = document.createElement("span");
  cost.textContent = euros(price * quantity);
  item.append(title, button("−", `One ${name} less`, element, -1), count, button("+", `One ${name} more`, element, 1), cost);
  return item;
}

function button(text, label, element, step) {
  const node = document.createElement("button");
  node.type = "button";
  node.textContent = text;
  node.setAttribute("aria-label", label);
  node.addEventListener("click", () => {
    change(element, step);
    // The slip was drawn anew: give the focus back to the same button, or to the slip if its line is gone.
    (find(`[aria-label="${label}"]`) ?? find("#toggle")).focus();
  });
  return node;
}

function open(wide) {
  slip.classList.toggle("open", wide);
  find("#toggle").setAttribute("aria-expanded", wide);
}

for (const dish of document.querySelectorAll(".dish")) {
  const { mlItem, mlCategory, mlPrice } = dish.dataset;
  dish.querySelector(".add").addEventListener("click", () => {
    const name = dish.querySelector("h3").textContent;
    if (!lines.has(mlItem)) lines.set(mlItem, { name, price: Number(mlPrice), category: mlCategory, quantity: 0 });
    change(mlItem, 1);
  });
}
find("#toggle").addEventListener("click", () => open(!slip.classList.contains("open")));
find("#send").addEventListener("click", send);
