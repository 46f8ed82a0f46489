using Microsoft.Extensions.DependencyInjection;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Workspaces;

namespace Tenet.Knowledge;

/// <summary>
/// Asks the workspace's provider for the vectors that are missing or of another model. Without a provider nothing happens; one that cannot be
/// asked now is asked again later, for some fifteen hours, and the page of the sources says so.
/// </summary>
internal sealed class EmbedPassages(WorkspaceScope door, IServiceProvider services) : IJob
{
    public const string Kind = "knowledge.embed";
    public const int MaxAttempts = 100;

    const int AtOnce = 64;

    public static void Queue(WorkspaceContext context) => context.Enqueue(Kind, context.WorkspaceId, uniqueKey: "passages");

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        if (services.GetService<EmbedTexts>() is not { } embed || await embed(job.WorkspaceId, ["model"], ct) is not { Model: var model })
            return;
        var after = Guid.Empty;
        while (await NextAsync(job.WorkspaceId, model, after, ct) is { Count: > 0 } passages)
        {
            if (
                await embed(job.WorkspaceId, [.. passages.Select(p => p.Text)], ct) is not { } made
                || !made.Model.Equals(model, StringComparison.Ordinal)
            )
                break;
            await door.BatchAsync(
                job.WorkspaceId,
                Actor.System,
                batch =>
                {
                    for (var i = 0; i < passages.Count; i++)
                        batch.Add(
                            $"update knowledge.chunk set embedding = {made.Vectors[i]}, embedding_model = {model} where id = {passages[i].Id}"
                        );
                    batch.Publish(KnowledgeTopics.Vectors, job.WorkspaceId);
                },
                ct
            );
            after = passages[^1].Id;
        }
    }

    Task<List<(Guid Id, string Text)>> NextAsync(Guid workspaceId, string model, Guid after, CancellationToken ct) =>
        door.RunAsync(
            workspaceId,
            Actor.System,
            context =>
                context.ListAsync(
                    $"""
                    select c.id, p.title || E'\n' || c.heading || E'\n' || c.text
                      from knowledge.chunk c join knowledge.page p on p.workspace_id = c.workspace_id and p.id = c.page_id
                     where c.id > {after} and c.embedding_model is distinct from {model}
                     order by c.id limit {AtOnce}
                    """,
                    row => (row.GetGuid(0), row.GetString(1)),
                    ct
                ),
            ct
        );
}
