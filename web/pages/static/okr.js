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
  // A replay plays itself: from change to change, until it ends or is stopped.
  const play = document.querySelector("[data-play]");
  const next = document.querySelector("[data-next]");
  if (play && next) {
    const show = (playing) => {
      play.querySelector("[data-begin]").hidden = playing;
      play.querySelector("[data-stop]").hidden = !playing;
      if (playing) timer = setTimeout(() => location.assign(next.href), 1200);
      else clearTimeout(timer);
    };
    let timer;
    play.hidden = false;
    play.addEventListener("click", () => {
      const playing = sessionStorage.getItem("play") !== "yes";
      sessionStorage.setItem("play", playing ? "yes" : "no");
      show(playing);
    });
    show(sessionStorage.getItem("play") === "yes");
  }
  // What is wrong in a form takes the focus.
  document.querySelector(".errors, [aria-invalid=true]")?.focus();
})();
