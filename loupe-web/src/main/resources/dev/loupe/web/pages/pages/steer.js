import { Page, html } from "../base.js";
customElements.define("loupe-steer", class extends Page { render() { return html`<h1>steer</h1>`; } });
