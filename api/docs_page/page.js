"use strict";
for (const form of document.forms) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let path = form.dataset.path;
    const query = new URLSearchParams();
    const headers = { Accept: "application/json" };
    for (const field of form.querySelectorAll("input")) {
      if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
      else if (field.value === "") continue;
      else if (field.dataset.in === "query") query.set(field.name, field.value);
      else if (field.dataset.in === "header") headers[field.name] = field.value;
    }
    const body = form.elements.body?.value;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const shown = form.querySelector("pre");
    shown.textContent = "…";
    try {
      const address = query.size ? `${path}?${query}` : path;
      const reply = await fetch(address, { method: form.dataset.method, headers, body });
      let text = await reply.text();
      if ((reply.headers.get("content-type") ?? "").includes("json")) text = JSON.stringify(JSON.parse(text), null, 1);
      shown.textContent = `${reply.status} ${reply.statusText}\n${text}`;
    } catch (error) {
      shown.textContent = String(error);
    }
  });
}
document.documentElement.dataset.ready = "yes";
