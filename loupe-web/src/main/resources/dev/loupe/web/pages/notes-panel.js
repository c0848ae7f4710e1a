import { Part, html } from "./base.js";
class NotesPanel extends Part { render() { return html``; } }
customElements.define("loupe-notes-panel", NotesPanel);
