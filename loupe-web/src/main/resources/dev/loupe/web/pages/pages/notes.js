import { Page, html } from "../base.js";
customElements.define("loupe-notes", class extends Page { render() { return html`<h1>notes</h1>`; } });
