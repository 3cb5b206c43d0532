// What makes pages nicer; everything works without it.
(() => {
  // A filter is followed as soon as it is chosen.
  for (const form of document.querySelectorAll("form[data-follow]")) {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
    });
  }
  // A menu closes on Escape, and when somebody clicks elsewhere.
  const menus = document.querySelectorAll("details.menu");
  document.addEventListener("click", (event) => {
    for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const menu of menus) menu.open = false;
  });
  // What is wrong in a form takes the focus.
  document.querySelector(".errors, [aria-invalid=true]")?.focus();
})();
