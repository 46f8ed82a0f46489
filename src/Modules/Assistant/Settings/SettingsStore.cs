using System.Security.Cryptography;
using Tenet.Kernel.Http;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>Reads and changes a workspace's assistant settings.</summary>
internal sealed class SettingsStore(WorkspaceVault vault)
{
    /// <summary>Published when a workspace's settings changed.</summary>
    public const string Topic = "assistant.settings";

    public static async Task<AssistantSettings> LoadAsync(WorkspaceContext ctx, CancellationToken ct) =>
        await ctx.FirstOrDefaultAsync(
            $"""
            select id, provider, model, base_url, key, key_ending, embedding_model, tone, max_output_tokens, daily_tokens, over_budget,
                   link_hosts, uses_tools, changed_at
              from assistant.settings
            """,
            row => new AssistantSettings
            {
                Id = row.GetGuid(0),
                Provider = row.GetString(1),
                Model = row.GetString(2),
                BaseUrl = row.GetString(3),
                Key = row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4),
                KeyEnding = row.TextOrNull(5),
                EmbeddingModel = row.TextOrNull(6),
                Tone = row.GetString(7),
                MaxOutputTokens = row.GetInt32(8),
                DailyTokens = row.ValueOrNull<long>(9),
                OverBudget = row.GetString(10) is "ask_person" ? OverBudgetAnswer.AskPerson : OverBudgetAnswer.FromPages,
                LinkHosts = row.GetFieldValue<string[]>(11),
                UsesTools = row.GetBoolean(12),
                ChangedAt = row.GetFieldValue<DateTimeOffset>(13),
            },
            ct
        ) ?? new AssistantSettings();

    /// <summary>The model's host, if the workspace has one.</summary>
    public static async Task<IReadOnlyList<Uri>> HostsAsync(WorkspaceContext ctx, CancellationToken ct) =>
        Uri.TryCreate((await LoadAsync(ctx, ct)).BaseUrl, UriKind.Absolute, out var url) ? [url] : [];

    /// <exception cref="RuleException">Something is missing or wrong, field by field.</exception>
    public async Task<AssistantSettings> SaveAsync(WorkspaceContext ctx, SettingsForm form, CancellationToken ct)
    {
        var stored = await LoadAsync(ctx, ct);
        var changed = form.ApplyTo(stored) with { ChangedAt = ctx.Now };
        changed = form.Key is { } key
            ? changed with
            {
                Key = await vault.SealAsync(ctx, changed.KeyPlace, key, ct),
                KeyEnding = key[^4..],
            }
            : KeepKey(stored, changed);
        DemandKey(changed);
        await ctx.ExecuteAsync(
            $"""
            insert into assistant.settings (id, provider, model, base_url, key, key_ending, embedding_model, tone, max_output_tokens,
                                            daily_tokens, over_budget, link_hosts, uses_tools, changed_at)
            values ({changed.Id}, {changed.Provider}, {changed.Model}, {changed.BaseUrl}, {changed.Key}::bytea, {changed.KeyEnding}::text,
                    {changed.EmbeddingModel}::text, {changed.Tone}, {changed.MaxOutputTokens}, {changed.DailyTokens}::bigint,
                    {changed.OverBudget}, {changed.LinkHosts}, {changed.UsesTools}, {changed.ChangedAt})
            on conflict (workspace_id, id) do update set
              provider = excluded.provider, model = excluded.model, base_url = excluded.base_url, key = excluded.key,
              key_ending = excluded.key_ending, embedding_model = excluded.embedding_model, tone = excluded.tone,
              max_output_tokens = excluded.max_output_tokens, daily_tokens = excluded.daily_tokens, over_budget = excluded.over_budget,
              link_hosts = excluded.link_hosts, uses_tools = excluded.uses_tools, changed_at = excluded.changed_at
            """,
            ct
        );
        var details = new
        {
            changed.Provider,
            keyChanged = form.Key is not null,
            changed.MaxOutputTokens,
            changed.DailyTokens,
            changed.OverBudget,
        };
        ctx.Audit("assistant.settings_changed", "assistant_settings", changed.Id, details);
        ctx.Publish(Topic, changed.Id);
        return changed;
    }

    /// <returns>Null when there is none.</returns>
    /// <exception cref="CryptographicException">It was moved or its workspace's key is destroyed.</exception>
    public async Task<string?> OpenKeyAsync(WorkspaceContext ctx, AssistantSettings settings, CancellationToken ct) =>
        settings.Key is { } key ? await vault.OpenAsync(ctx, settings.KeyPlace, key, ct) : null;

    /// <summary>A key goes to the host it was entered for. With another host it must be entered again, else it could be led elsewhere.</summary>
    public static AssistantSettings KeepKey(AssistantSettings stored, AssistantSettings changed) =>
        HostOf(stored).Equals(HostOf(changed), StringComparison.OrdinalIgnoreCase)
            ? changed
            : changed with
            {
                Key = null,
                KeyEnding = null,
            };

    public static void DemandKey(AssistantSettings settings)
    {
        if (settings.Key is null && ModelProvider.Find(settings.Provider) is { NeedsKey: true })
            throw new RuleException("key", "Please enter the key for this provider.");
    }

    private static string HostOf(AssistantSettings settings) =>
        Uri.TryCreate(settings.BaseUrl, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : "";
}
