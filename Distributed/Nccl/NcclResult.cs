namespace Requant.Distributed.Nccl;

/// <summary>ncclResult_t, what is told apart of it.</summary>
internal enum NcclResult
{
    Success = 0,
    InProgress = 7,
}
