using Npgsql;

namespace Tenet.Benchmarks;

/// <summary>A passage as the product cut and stored it.</summary>
/// <param name="Page">The file name of its page.</param>
internal sealed record Chunk(string Page, string Title, string Heading, string Text)
{
    /// <summary>All chunks of the workbench's database, page by page.</summary>
    public static async Task<List<Chunk>> ReadAsync(Workbench bench, Guid source, CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(bench.AdminConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            """
            select p.url, p.title, c.heading, c.text
              from knowledge.chunk c join knowledge.page p on p.workspace_id = c.workspace_id and p.id = c.page_id
             where p.source_id = $1 order by c.page_id, c.ordinal
            """,
            connection
        );
        command.Parameters.Add(new NpgsqlParameter { Value = source });
        var chunks = new List<Chunk>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            chunks.Add(new(Path.GetFileName(reader.GetString(0)), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        return chunks;
    }

    /// <summary>
    /// So many chunks: a part of the given, or these and copies in which every fourth word stands in for another of the same texts, so that
    /// the words stay as frequent as they are.
    /// </summary>
    public static List<Chunk> Grow(IReadOnlyList<Chunk> chunks, int count)
    {
        var random = new Random(7);
        if (count <= chunks.Count)
        {
            var step = (double)chunks.Count / count;
            return [.. Enumerable.Range(0, count).Select(i => chunks[(int)(i * step)])];
        }
        var words = chunks.SelectMany(c => c.Text.Split(' ')).ToArray();
        var grown = new List<Chunk>(chunks);
        for (var copy = 1; grown.Count < count; copy++)
        {
            foreach (var chunk in chunks.Take(count - grown.Count))
            {
                var changed = chunk.Text.Split(' ').Select(word => random.Next(4) == 0 ? words[random.Next(words.Length)] : word);
                grown.Add(chunk with { Page = $"{copy}-{chunk.Page}", Text = string.Join(' ', changed) });
            }
        }
        return grown;
    }
}
