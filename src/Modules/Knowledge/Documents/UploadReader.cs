using CsvHelper;
using Markdig;

namespace Tenet.Knowledge.Documents;

/// <summary>Uploads and hand-written entries in the same shape as pages.</summary>
internal static class UploadReader
{
    const int MaxCharacters = 2_000_000;
    const int MostRows = 20_000;

    static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseDefinitionLists()
        .UseAutoIdentifiers(Markdig.Extensions.AutoIdentifiers.AutoIdentifierOptions.GitHub)
        .Build();

    static readonly CsvReaderOptions Csv = CsvReaderOptions.Default with { TrimWhitespace = true, MaxRecordSize = 1_000_000 };

    /// <exception cref="FormatException">The file is not what it says it is.</exception>
    public static Document Read(UploadFormat format, string name, string content) =>
        format switch
        {
            UploadFormat.Html => Titled(HtmlExtractor.Extract(content).Document, name),
            UploadFormat.Markdown => ReadMarkdown(content, name),
            UploadFormat.Csv => ReadCsv(content, name),
            _ => ReadText(content, name),
        };

    public static Document ReadMarkdown(string content, string name)
    {
        string html;
        try
        {
            html = Markdig.Markdown.ToHtml(content, Markdown);
        }
        catch (ArgumentException e)
        {
            // Markdig's guard against nesting without end.
            throw new FormatException("The Markdown is nested too deeply.", e);
        }
        return Titled(HtmlExtractor.Extract(html).Document, name);
    }

    public static Document ReadText(string content, string name)
    {
        var builder = new DocumentBuilder(MaxCharacters);
        foreach (
            var paragraph in content
                .ReplaceLineEndings("\n")
                .Split("\n\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        )
            builder.Add(BlockKind.Paragraph, paragraph);
        return builder.Build(name, language: null);
    }

    /// <summary>A table of questions and answers becomes one section per question; any other table one block per row, each cell named.</summary>
    public static Document ReadCsv(string content, string name)
    {
        var builder = new DocumentBuilder(MaxCharacters);
        try
        {
            using var csv = CsvReader.FromText(content, Csv);
            var header = csv.Headers;
            var question = IndexOf(header, "question", "frage", "q", "pregunta", "câu hỏi");
            var answer = IndexOf(header, "answer", "antwort", "a", "réponse", "respuesta", "trả lời");
            for (var row = 0; row < MostRows && csv.Read(); row++)
            {
                if (question >= 0 && answer >= 0)
                {
                    builder.AddHeading(2, Cell(csv, question), anchor: null);
                    builder.Add(BlockKind.Paragraph, Cell(csv, answer));
                    continue;
                }
                var cells = header.Select((title, i) => (title, value: Cell(csv, i))).Where(c => c.value.Length > 0);
                builder.Add(BlockKind.Paragraph, string.Join("; ", cells.Select(c => $"{c.title}: {c.value}")));
            }
        }
        catch (CsvFormatException e)
        {
            throw new FormatException("The CSV file cannot be read.", e);
        }
        return builder.Build(name, language: null);
    }

    public static Document ReadAnswer(string question, string answer) =>
        ReadMarkdown(answer, question) is var document ? document with { Title = question } : document;

    static string Cell(CsvReader csv, int column) => column < csv.FieldCount ? csv.GetString(column) : "";

    static int IndexOf(IReadOnlyList<string> header, params string[] names)
    {
        for (var i = 0; i < header.Count; i++)
        {
            if (names.Contains(header[i].Trim(), StringComparer.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }

    static Document Titled(Document document, string name) => document.Title.Length > 0 ? document : document with { Title = name };
}
