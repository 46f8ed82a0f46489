using System.Numerics.Tensors;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge.Ranking;

/// <summary>The vectors of one workspace's passages, searched exactly: every one is compared. Immutable.</summary>
internal sealed class VectorIndex(string model, int dimensions, Guid[] chunks, Guid[] pages, float[] vectors)
{
    /// <summary>More than these would take more memory than they are worth beside the words.</summary>
    const int MostVectors = 50_000;

    /// <summary>Below this a passage is about something else, whatever the model: it must not make a question look answerable.</summary>
    const float LeastLikeness = 0.2f;

    public int Count => chunks.Length;

    /// <param name="asked">The model that made <paramref name="vector"/>: those of another cannot be compared.</param>
    /// <returns>The nearest first; empty when the models differ.</returns>
    public List<Hit> Find(string asked, ReadOnlySpan<float> vector, int top)
    {
        if (!asked.Equals(model, StringComparison.Ordinal) || vector.Length != dimensions)
            return [];
        var best = new PriorityQueue<int, float>(top + 1);
        for (var i = 0; i < chunks.Length; i++)
        {
            var likeness = TensorPrimitives.Dot(vector, vectors.AsSpan(i * dimensions, dimensions));
            if (likeness < LeastLikeness || best.Count == top && best.TryPeek(out _, out var least) && likeness <= least)
                continue;
            best.Enqueue(i, likeness);
            if (best.Count > top)
                best.Dequeue();
        }
        var hits = new List<Hit>(best.Count);
        while (best.TryDequeue(out var i, out var likeness))
            hits.Add(new Hit(chunks[i], pages[i], likeness));
        hits.Reverse();
        return hits;
    }

    /// <summary>The vectors of the model that made the most recent one.</summary>
    public static Task<VectorIndex> LoadAsync(WorkspaceScope door, Guid workspaceId) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            async context =>
            {
                var model = await context.ScalarAsync<string>(
                    $"select embedding_model from knowledge.chunk where embedding_model is not null order by id desc limit 1",
                    CancellationToken.None
                );
                if (model is null)
                    return new VectorIndex("", 0, [], [], []);
                var (chunks, pages, vectors, dimensions) = (new List<Guid>(), new List<Guid>(), new List<float>(), 0);
                await foreach (
                    var row in context.StreamAsync(
                        $"select id, page_id, embedding from knowledge.chunk where embedding_model = {model} limit {MostVectors}",
                        r => (Chunk: r.GetGuid(0), Page: r.GetGuid(1), Vector: r.GetFieldValue<float[]>(2)),
                        CancellationToken.None
                    )
                )
                {
                    dimensions = dimensions == 0 ? row.Vector.Length : dimensions;
                    if (row.Vector.Length != dimensions)
                        continue;
                    chunks.Add(row.Chunk);
                    pages.Add(row.Page);
                    vectors.AddRange(row.Vector);
                }
                return new VectorIndex(model, dimensions, [.. chunks], [.. pages], [.. vectors]);
            },
            CancellationToken.None
        );
}
