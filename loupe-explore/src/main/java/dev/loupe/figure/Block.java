package dev.loupe.figure;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** A piece of a section, in reading order. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Figure.class, name = "figure"),
  @JsonSubTypes.Type(value = FigureTable.class, name = "table"),
  @JsonSubTypes.Type(value = Paragraph.class, name = "paragraph")
})
public sealed interface Block permits Exhibit, Paragraph {}
