package dev.loupe.figure;

import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes elements to memory. Text and the values of attributes are escaped, whatever they hold;
 * characters that XML cannot hold become U+FFFD. Names are the caller's own.
 */
final class Markup {
  /** Of the JDK, whatever else the class path offers: the same bytes everywhere. */
  private static final XMLOutputFactory FACTORY = XMLOutputFactory.newDefaultFactory();

  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter xml = open(text);

  private static XMLStreamWriter open(StringWriter text) {
    try {
      return FACTORY.createXMLStreamWriter(text);
    } catch (XMLStreamException e) {
      throw failed(e);
    }
  }

  /** Begins an element with attributes: name, value, name, value. */
  Markup open(String element, String... attributes) {
    try {
      xml.writeStartElement(element);
      attributes(attributes);
      return this;
    } catch (XMLStreamException e) {
      throw failed(e);
    }
  }

  /** An element without content. */
  Markup leaf(String element, String... attributes) {
    try {
      xml.writeEmptyElement(element);
      attributes(attributes);
      return this;
    } catch (XMLStreamException e) {
      throw failed(e);
    }
  }

  private void attributes(String... pairs) throws XMLStreamException {
    for (int i = 0; i < pairs.length; i += 2) {
      xml.writeAttribute(pairs[i], clean(pairs[i + 1]));
    }
  }

  /** Ends the element begun last. */
  Markup close() {
    try {
      xml.writeEndElement();
      return this;
    } catch (XMLStreamException e) {
      throw failed(e);
    }
  }

  Markup text(String words) {
    try {
      xml.writeCharacters(clean(words));
      return this;
    } catch (XMLStreamException e) {
      throw failed(e);
    }
  }

  /** An element of text only. */
  Markup element(String element, String words, String... attributes) {
    return open(element, attributes).text(words).close();
  }

  /** A line break in the source, for people who read it. */
  Markup line() {
    return text("\n");
  }

  /** What is markup already, or a style or script of our own. */
  Markup raw(String trusted) {
    try {
      xml.writeCharacters(""); // ends the tag before
      xml.flush();
    } catch (XMLStreamException e) {
      throw failed(e);
    }
    text.write(trusted);
    return this;
  }

  /** All that was written. */
  @Override
  public String toString() {
    try {
      xml.flush();
    } catch (XMLStreamException e) {
      throw failed(e);
    }
    return text.toString();
  }

  private static String clean(String words) {
    if (words.codePoints().allMatch(Markup::allowed)) {
      return words;
    }
    StringBuilder cleaned = new StringBuilder(words.length());
    words.codePoints().map(c -> allowed(c) ? c : 0xFFFD).forEach(cleaned::appendCodePoint);
    return cleaned.toString();
  }

  /** The characters of XML 1.0, section 2.2. A carriage return would be read as a line feed. */
  private static boolean allowed(int c) {
    return c == '\t'
        || c == '\n'
        || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }

  private static IllegalStateException failed(XMLStreamException e) {
    return new IllegalStateException("expected elements opened and closed in pairs", e);
  }
}
