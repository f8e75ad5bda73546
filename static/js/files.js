// Files dropped on the box are put into the form's own field and sent as the form is.

for (const form of document.querySelectorAll("[data-drop]")) {
  const field = form.querySelector("input[type=file]");
  const said = form.querySelector("[role=status]");
  const box = form.closest("section");
  const isFiles = (event) => event.dataTransfer.types.includes("Files");

  const tooLarge = () => [...field.files].find((file) => file.size > Number(form.dataset.largest));

  function check() {
    const file = tooLarge();
    said.textContent = file ? `${file.name} ${form.dataset.tooLarge}` : "";
    return !file;
  }

  box.addEventListener("dragover", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    form.classList.add("over");
  });
  box.addEventListener("dragleave", (event) => {
    if (!box.contains(event.relatedTarget)) form.classList.remove("over");
  });
  box.addEventListener("drop", (event) => {
    if (!isFiles(event)) return;
    event.preventDefault();
    form.classList.remove("over");
    field.files = event.dataTransfer.files;
    if (check()) form.requestSubmit();
  });
  field.addEventListener("change", check);
  form.addEventListener("submit", (event) => {
    if (!check()) return event.preventDefault();
    // Twice pressed is once sent.
    form.querySelector("[type=submit]").disabled = true;
  });
}
